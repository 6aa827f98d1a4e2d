// Opens a photo large; Esc, the button or a press beside it closes it, and the browser gives focus back to where it was.
(() => {
  const $ = id => document.getElementById(id);

  document.addEventListener('click', event => {
    const photo = event.target.closest?.('[data-photo]');
    if (!photo) return;
    $('lightbox-photo').src = $('lightbox-file').href = photo.dataset.photo;
    $('lightbox-photo').alt = photo.getAttribute('aria-label');
    $('lightbox').showModal();
  });
  document.addEventListener('close', event => event.target.id === 'lightbox' && $('lightbox-photo').removeAttribute('src'), true);
})();
