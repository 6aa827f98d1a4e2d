// The keyboard: what is typed becomes an action of the keymap. J and K move the focus only; what is open stays open until Enter.
(() => {
  const PATIENCE = 2000;                                 // for the second letter after G
  const { act, say, table, usable, on } = trato.keys;
  const $ = id => document.getElementById(id);
  const links = () => [...document.querySelectorAll('.row-link')];
  const current = () => links().find(link => link.parentElement.dataset.id === $('conversation')?.dataset.id);   // also in a list that has just come
  let going = 0, arriving = null;

  const forward = () => $('queue')?.checkVisibility({ visibilityProperty: true }) || document.querySelector('[data-back]')?.click();   // one pane: the list

  function step(by) {
    const all = links(), here = all.indexOf(document.activeElement), from = here >= 0 ? here : all.indexOf(current());
    if ($('main')?.checkVisibility()) forward();
    const next = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + by))];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'nearest' });
    if (!next) ($('queue-title') ?? $('main'))?.focus();
  }

  function list(name) {                                  // another list, with the focus on its first row
    const tab = $(`tab-${name}`);
    if (!tab) return void location.assign(`/?view=${name}`);
    arriving = name;
    tab.click();
  }

  function arrive() {
    if (!arriving || $('queue')?.dataset.view !== arriving) return;
    forward();
    (current() ?? links()[0] ?? $(`tab-${arriving}`))?.focus();
    arriving = null;
  }

  function back() {                                      // from the conversation to its row; on a narrow screen the list comes forward
    const row = current() ?? links()[0];
    if (!row?.checkVisibility({ visibilityProperty: true })) document.querySelector('[data-back]')?.click();
    (row ?? $('queue-title'))?.focus();
  }

  function open(id) {
    const dialog = $(id);
    if (!dialog || dialog.open) return;
    for (const other of document.querySelectorAll('dialog[open]')) other.close();
    document.querySelector(':popover-open')?.hidePopover();
    dialog.showModal();
    dispatchEvent(new CustomEvent('dialog:open', { detail: id }));
  }

  function action(event) {                               // the action that these keys stand for here, or none
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key, entries = Object.entries(table());
    const named = (event.ctrlKey || event.metaKey ? 'Ctrl+' : '') + (event.shiftKey && event.key.length === 1 ? 'Shift+' : '') + (pressed.length === 1 ? pressed.toUpperCase() : pressed);
    const chord = entries.find(([, one]) => one.fixed && one.key.includes('+') && one.key === named)?.[0];
    if (chord) return chord === 'schedule' && !event.target.closest?.('#composer') ? null : chord === 'send' ? null : chord;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.('input, textarea, select, [contenteditable]')) return null;
    const second = Date.now() - going < PATIENCE;
    going = 0;
    const found = entries.find(([name, one]) => (one.scope === 'go') === second && one.scope !== 'composer' && name !== 'open' && one.key === pressed && usable(name))?.[0];
    return found ?? null;
  }

  document.addEventListener('keydown', event => {
    if (trato.keys.typing(event) || event.defaultPrevented || document.querySelector('dialog[open]')) return;
    if (event.key === 'Escape' && !document.querySelector(':popover-open') && event.target.closest?.('#main')) { event.preventDefault(); return back(); }
    const found = action(event);
    if (!found || event.repeat && !['next', 'previous'].includes(found)) return;
    event.preventDefault();
    act(found);
  });
  document.addEventListener('keydown', event => {        // in a dialog's field of words Enter is a line
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat || event.defaultPrevented || trato.keys.typing(event)) return;
    const form = event.target.matches?.('dialog[open] :is(textarea, input:not([role=combobox]))') && event.target.form;
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('button:not([type=button])'));
  });
  document.addEventListener('click', event => {
    const opener = event.target.closest?.('[data-opens]');
    if (!opener) return;
    open(opener.dataset.opens);
    if (opener.dataset.at) $(opener.dataset.at)?.scrollIntoView();
  });
  document.addEventListener('htmx:after:swap', arrive);

  on('next', () => step(1));
  on('previous', () => step(-1));
  on('go', () => { going = Date.now(); });
  on('keys', () => open('keys'));
  on('preferences', () => open('preferences'));
  on('send', () => $('composer').requestSubmit($('send')), () => !!trato.sending.filled());
  on('go-queue', () => list('mine'));
  on('go-review', () => list('triage'));
  on('go-clients', () => act('palette'));
  on('go-settings', () => { const office = document.querySelector('.rail a[href="/setup"]'); office ? office.click() : open('preferences'); });
  Object.assign(trato.keys, { open, list, say });
})();
