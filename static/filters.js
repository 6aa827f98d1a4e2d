// Chooses what of a timeline is shown, and the day to go to. The choice is the story's own data-show: it is swapped with what it shows.
//
// A date field tells of a change with every part that is typed. So a typed day is gone to by Enter or when the field is left, one that was
// picked at once.
(() => {
  const $ = id => document.getElementById(id);
  const chosen = () => document.querySelector('[data-shows-only][aria-pressed=true]');
  let typed = false, changed = false;

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

  function go(day, enters = true) {
    changed = false;
    if (day.value && day.checkValidity()) trato.story.day(day.value, enters);
  }

  const on = (name, act) => document.addEventListener(name, event => event.target.id === 'jump-day' && act(event.target, event));
  on('pointerdown', () => { typed = false; });
  on('keydown', (day, event) => { if (event.key === 'Enter') { event.preventDefault(); go(day); } else typed = true; });
  on('change', day => { changed = true; if (!typed) go(day); });
  on('focusout', day => { typed = false; if (changed) go(day, false); });   // whoever is elsewhere already stays there
  trato.keys.on('filter', () => chosen().focus(), () => !!chosen()?.checkVisibility({ visibilityProperty: true }));
  document.addEventListener('htmx:after:swap', sync);
})();
