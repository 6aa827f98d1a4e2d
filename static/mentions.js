// Colleagues in a note: “@” and the beginning of a name offer them, arrows choose, Enter or Tab writes the name, Esc goes on without.
(() => {
  const PAUSE = 80, CALLED = /(?:^|[^\w@])@([^@\n]{0,40})$/u;
  const $ = id => document.getElementById(id);
  let waiting, closed = 0, pressed = null;               // letters whose colleagues a key chose before they were here

  const options = () => [...document.querySelectorAll('#mentions [role=option]:not([aria-disabled])')];
  const selected = () => options().find(option => option.getAttribute('aria-selected') === 'true');
  const shown = () => $('mentions')?.firstElementChild?.dataset.for;
  const called = field => CALLED.exec(field.value.slice(0, field.selectionStart))?.[1];

  function mark(option) {
    for (const each of options()) each.setAttribute('aria-selected', String(each === option));
    if (option) $('composer-text').setAttribute('aria-activedescendant', option.id);
    option?.scrollIntoView({ block: 'nearest' });
  }

  function close() {
    const box = $('mentions');
    clearTimeout(waiting);
    pressed = null;
    closed += 1;                                         // an answer that is still on its way opens nothing again
    if (!box || box.hidden) return false;
    box.hidden = true;
    box.replaceChildren();
    for (const name of ['aria-controls', 'aria-activedescendant', 'aria-autocomplete']) $('composer-text').removeAttribute(name);
    return true;
  }

  async function ask(field) {
    const query = called(field);
    if (query === undefined || !trato.composer.isNote()) return close();
    const turn = closed;
    await htmx.ajax('GET', '/mentions', { source: '#mentions', target: '#mentions', values: { q: query, c: field.form.dataset.id } });
    const box = $('mentions');
    if (!box || turn !== closed || called(field) !== query || shown() !== query) return;
    if (!options().length && /\s/.test(query)) return close();   // a sentence that goes on after the name
    if (pressed === query && selected()) return use(selected());
    box.hidden = false;
    field.setAttribute('aria-controls', 'mentions');
    field.setAttribute('aria-autocomplete', 'list');
    mark(options()[0]);
  }

  function use(option) {                                 // a name that two share goes by its id, which the server turns into the name
    const field = $('composer-text'), end = field.selectionStart, start = end - called(field).length - 1;
    const shared = options().filter(each => each.dataset.name === option.dataset.name).length > 1;
    field.setRangeText(`@${shared ? `[${option.dataset.id}]` : option.dataset.name} `, start, end, 'end');
    close();
    field.focus();
    trato.composer.changed();
    trato.drafts.touch();
  }

  document.addEventListener('input', event => {
    if (event.target.id !== 'composer-text' || !event.isTrusted) return;
    clearTimeout(waiting);
    pressed = null;
    waiting = setTimeout(ask, PAUSE, event.target);
  });
  document.addEventListener('keydown', event => {
    if (event.target.id !== 'composer-text' || $('mentions').hidden || event.isComposing) return;
    const all = options(), at = all.indexOf(selected()), moves = { ArrowDown: at + 1, ArrowUp: at - 1 };
    if (event.key === 'Escape') close();
    else if (event.key in moves && all.length) mark(all[(moves[event.key] + all.length) % all.length]);
    else if (['Enter', 'Tab'].includes(event.key) && !event.ctrlKey && !event.metaKey && !event.shiftKey && selected()) { if (called(event.target) === shown()) use(selected()); else pressed = called(event.target); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener('pointerdown', event => {    // before the field loses the caret
    const option = event.target.closest?.('#mentions [role=option]:not([aria-disabled])');
    if (!option) return;
    event.preventDefault();
    use(option);
  });
  document.addEventListener('focusout', event => event.target.id === 'composer-text' && close());
})();
