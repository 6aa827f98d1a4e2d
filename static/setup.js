// Copies an invitation's link; without a clipboard the text is selected, ready to be copied by hand.
(() => {
  document.addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copies]');
    if (!button) return;
    const field = document.getElementById(button.dataset.copies), word = button.querySelector('span');
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { return; }
    word.dataset.before ??= word.textContent;
    word.textContent = button.dataset.copied;
    setTimeout(() => { word.textContent = word.dataset.before; }, 2000);
  });
})();
