// The keys of the desk: J and K move, R writes, Esc goes back to the list. Single letters can be switched off (WCAG 2.1.4).
(() => {
  const KEY = 'single-keys';
  const on = () => { try { return localStorage.getItem(KEY) !== 'off'; } catch { return true; } };
  const links = () => [...document.querySelectorAll('.row-link')];
  const $ = id => document.getElementById(id);

  function step(by) {
    const all = links();
    const from = all.findIndex(link => link === document.activeElement);
    const at = from >= 0 ? from : all.findIndex(link => link.hasAttribute('aria-current'));
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
    next?.focus();
    next?.scrollIntoView({ block: 'nearest' });
  }

  const keys = { j: () => step(1), k: () => step(-1), r: () => $('composer-text')?.focus(), '?': () => reveal('keys') };
  const reveal = id => { $('keys-on').checked = on(); $(id).showModal(); };
  const typing = element => element.matches?.('input, textarea, select, [contenteditable]');

  document.addEventListener('keydown', event => {
    if (document.querySelector('dialog[open]') || event.isComposing) return;
    if (event.key === 'Escape' && event.target.closest?.('#main')) return (links().find(link => link.hasAttribute('aria-current')) ?? links()[0])?.focus();
    if (!on() || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph')) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener('click', event => {
    const opener = event.target.closest?.('[data-opens]');
    if (opener) reveal(opener.dataset.opens);
  });
  document.addEventListener('change', event => {
    if (event.target.id === 'keys-on') localStorage.setItem(KEY, event.target.checked ? 'on' : 'off');
  });
})();
