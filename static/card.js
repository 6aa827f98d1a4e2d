// The card of a template in the composer: its words follow what is typed into its places, and it goes again.
(() => {
  const $ = id => document.getElementById(id);

  function show(input) {
    for (const mark of document.querySelectorAll(`#template-slot mark[data-place="${input.dataset.place}"]`)) {
      mark.textContent = input.value || input.closest('.place').querySelector('span').textContent;
      mark.classList.toggle('missing', !input.value);
    }
    input.setAttribute('aria-invalid', String(!input.value));
    input.closest('.place').classList.toggle('missing', !input.value);
  }

  function drop() {                                      // the words behind it stay
    $('template-slot').replaceChildren();
    trato.composer.write('message');
    trato.composer.changed();
    $('composer-text').focus();
    trato.drafts.keep();
  }

  document.addEventListener('input', event => event.target.matches?.('#template-slot [data-place]') && show(event.target));
  document.addEventListener('click', event => event.target.closest?.('[data-drops-template]') && drop());
})();
