// The palette: a field over a list. What can be done is on the page already; what is searched comes from the server, the latest question wins.
(() => {
  const PAUSE = 80;
  const { on, can, act, list } = trato.keys;
  const $ = id => document.getElementById(id);
  const field = () => $('palette-text');
  const shown = () => $('palette-found').hidden ? $('palette-default') : $('palette-found');
  const options = () => [...shown().querySelectorAll('[role=option]')].filter(one => !one.hidden && one.checkVisibility());
  const asked = () => field().value.trim() && field().value;
  const answered = () => ($('palette-found').hidden ? '' : $('palette-found').dataset.for) === asked();
  let waiting, pressed = null;                           // Enter, pressed before the answer to exactly these words was here

  function choose(option) {
    trato.listbox.choose(field(), $('palette'), option);
  }

  function offer(box, all) {                             // what cannot be done now is not in the way, yet found by its name
    const name = $('conversation')?.dataset.id && $('client-name')?.textContent.trim();
    for (const one of box.querySelectorAll('[data-action]')) {
      const possible = can(one.dataset.action);
      one.toggleAttribute('data-idle', !possible);
      possible ? one.removeAttribute('aria-disabled') : one.setAttribute('aria-disabled', 'true');
      one.hidden = !possible && !all;
    }
    for (const group of box.querySelectorAll('[role=group]')) group.hidden = !group.querySelector('[role=option]:not([hidden])');
    const title = box.querySelector('[data-who]');
    if (title && name) title.textContent = name;
  }

  function show(found) {
    $('palette-found').hidden = !found;
    $('palette-default').hidden = found;
    $('palette-failed').textContent = '';
    field().setAttribute('aria-controls', shown().id);
    offer(shown(), found);
    choose(options().find(one => !one.hasAttribute('aria-disabled')));
  }

  function typed(pause = PAUSE) {
    clearTimeout(waiting);
    pressed = null;
    if (!asked()) return show(false);
    waiting = setTimeout(() => { $('palette-open').value = $('conversation')?.dataset.id ?? ''; field().dispatchEvent(new Event('typed')); }, pause);
  }

  const use = () => shown().querySelector('[aria-selected=true]')?.click();
  function enter() {
    if (answered()) return use();
    typed(0);
    pressed = asked();
  }

  function move(by) {
    choose(trato.listbox.around(options(), by));
  }

  on('palette', () => trato.keys.open('palette'));
  addEventListener('dialog:open', event => { if (event.detail === 'palette') { field().value = ''; typed(); choose(options()[0]); } });

  document.addEventListener('input', event => event.target === field() && typed());
  document.addEventListener('keydown', event => {
    if (event.target !== field() || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) move(by);
    else if (event.key === 'Enter') { if (!event.repeat) enter(); }
    else if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) $('palette').close();
    else return;
    event.preventDefault();
  });
  document.addEventListener('pointermove', event => { const one = event.target.closest?.('#palette [role=option]'); if (one && one.getAttribute('aria-selected') !== 'true') choose(one); });
  document.addEventListener('click', event => {          // every line is a real control: what it does besides closing is its own affair
    const one = event.target.closest?.('#palette [role=option]');
    if (!one) return;
    $('palette').close();
    if (one.dataset.action) act(one.dataset.action);
    if (one.dataset.list) { event.preventDefault(); list(one.dataset.list); }
  });
  document.addEventListener('htmx:after:swap', () => {
    const text = $('palette-found')?.dataset.for;
    if (!$('palette')?.open || text === undefined || text !== asked()) return;
    show(true);
    if (pressed === text) { pressed = null; use(); }
  });
  const failed = event => { if (event.detail.ctx?.sourceElement === field()) pressed = null, $('palette-failed').textContent = $('palette-failed').dataset.text; };
  document.addEventListener('htmx:response:error', failed);
  document.addEventListener('htmx:error', failed);
})();
