// Chooses what of a timeline is shown, and the day to go to. The choice is the story's own data-show: it is swapped with what it shows.
(() => {
  const $ = id => document.getElementById(id);

  function sync() {                                      // the bar stands outside of what is swapped
    const story = $('story'), day = $('jump-day');
    if (!story || !day) return;
    for (const button of document.querySelectorAll('[data-shows-only]')) button.setAttribute('aria-pressed', String(button.dataset.showsOnly === story.dataset.show));
    day.disabled = !story.dataset.first && !day.min;
    if (story.dataset.first) { day.min = story.dataset.first; day.max = story.dataset.last; }
  }

  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-shows-only]');
    if (button) trato.story.end(button.dataset.showsOnly);
  });
  document.addEventListener('keydown', event => {        // the chips are one group: arrows go through it
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key], button = event.target.closest?.('[data-shows-only]');
    if (!by || !button) return;
    const all = [...document.querySelectorAll('[data-shows-only]')];
    all[(all.indexOf(button) + by + all.length) % all.length].focus();
    event.preventDefault();
  });
  document.addEventListener('change', event => {
    if (event.target.id === 'jump-day' && event.target.value && event.target.checkValidity()) trato.story.day(event.target.value);
  });
  document.addEventListener('htmx:after:swap', sync);
})();
