// Binds keys to what is on the page, by a contract that needs no script of its own.
//
// A control is bound by marking it: <button data-key-action="close">. The key of that action, the palette and the sheet then do what a click on
// it does. A field, or whatever says data-key-focus, gets the focus instead. Of several marked controls the first visible one counts, else the
// first that is hidden in a closed menu. One that is aria-disabled is not clicked: its reason (aria-describedby, else its title) is said.
// Names, keys and the sentence for an action without a control come from console/keys.py, in #shell[data-keys], already in the agent's language
// and with the keys they chose. The marks get aria-keyshortcuts, and their titles the key, from here: templates write neither.
// An action that no control can stand for is given by a script: trato.keys.on('next', run, possible?); run returns false when nothing came of it.
(() => {
  const own = new Map(), ALSO = { undo: 'undo-send' };   // one key takes back whatever can be taken back
  let read, table = {};

  const shell = () => document.getElementById('shell');
  function keys() {                                      // read again whenever the preferences changed
    const text = shell()?.dataset.keys;
    if (text && text !== read) table = JSON.parse(read = text);
    return table;
  }

  function explain(text) {                               // why a key did nothing: for ears and for eyes
    const box = document.getElementById('say');
    say(text);
    if (!box) return;
    box.className = 'toast';
    clearTimeout(explain.hide);
    explain.hide = setTimeout(() => { box.className = 'vh'; }, 4000);
  }
  const say = text => { const box = document.getElementById('say'); if (box) { box.textContent = ''; setTimeout(() => { box.textContent = text; }); } };
  const marked = action => [...document.querySelectorAll(`[data-key-action="${action}"]`)].filter(el => !el.closest('[inert], template') && !el.disabled);
  const typing = event => event.isComposing || event.getModifierState('AltGraph');   // AltGr comes as Ctrl and Alt, too, and writes a character
  const seen = el => el.checkVisibility({ visibilityProperty: true });
  const find = action => { const all = marked(action); return all.find(seen) ?? all.find(el => !el.closest('[hidden]')) ?? (ALSO[action] && find(ALSO[action])); };
  const focusable = el => el.hasAttribute('data-key-focus') || el.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=submit])');
  const barred = el => el?.getAttribute('aria-disabled') === 'true';
  const reason = el => [...(el.getAttribute('aria-describedby') ?? '').split(' ')].map(id => document.getElementById(id)?.textContent.trim()).filter(Boolean).join(' ') || el.title;

  const can = action => own.has(action) ? own.get(action).possible() : !!find(action) && !barred(find(action));

  function act(action) {
    if (own.has(action)) { if (can(action) && own.get(action).run() !== false) return true; } else {
      const el = find(action);
      if (el && !barred(el)) { focusable(el) ? el.focus() : el.click(); return true; }
      if (el && reason(el)) return explain(reason(el)), false;
    }
    explain(keys()[action]?.scope === 'conversation' && document.getElementById('header')?.dataset.why || (keys()[action]?.none ?? ''));
    return false;
  }

  const spoken = key => key.replace('Ctrl', 'Control');
  const shown = action => (keys()[action]?.scope === 'go' ? `${keys().go.key} ${keys()[action].key}` : keys()[action]?.key ?? '').toUpperCase();
  const usable = action => keys()[action]?.key && (keys()[action].key.includes('+') || shell()?.dataset.keysOn === 'true');   // WCAG 2.1.4

  function mark() {
    for (const el of document.querySelectorAll('[data-key-action]')) {
      const one = keys()[el.dataset.keyAction];
      if (one && usable(el.dataset.keyAction) && one.scope !== 'go') el.setAttribute('aria-keyshortcuts', spoken(one.key)); else el.removeAttribute('aria-keyshortcuts');
    }
  }

  function tell(event) {                                 // a title that ends in its key, as it is now
    const el = event.target.closest?.('[data-key-action]');
    if (!el || !el.title) return;
    const plain = el.title.replace(/ \([^()]*\)$/, '');
    el.title = usable(el.dataset.keyAction) ? `${plain} (${shown(el.dataset.keyAction)})` : plain;
  }

  window.trato.keys = { typing, act, can, find, say, explain, table: keys, usable, on: (action, run, possible = () => true) => own.set(action, { run, possible }) };
  for (const event of ['pointerover', 'focusin']) document.addEventListener(event, tell);
  document.addEventListener('htmx:after:swap', mark);
  addEventListener('preferences', mark);
  mark();
})();
