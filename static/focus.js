// Never lets the focus fall on the page: where a focused thing went away, its successor or the nearest that makes sense gets it.
(() => {
  const $ = id => document.getElementById(id);
  const CONTROL = 'a, button, input, textarea, select, summary, label, [tabindex]';
  const seen = el => el?.checkVisibility({ visibilityProperty: true }) && !el.closest('[inert]') ? el : null;
  let last = null;

  function note({ target }) {
    last = { el: target, id: target.id, action: target.dataset?.keyAction, region: target.closest?.('#composer, #header, #main, #queue, #context')?.id };
  }

  function region() {
    const rows = [...document.querySelectorAll('.row-link')], main = seen($('client-name')) ?? seen($('log'));
    const row = seen(rows.find(link => link.hasAttribute('aria-current'))) ?? seen(rows[0]) ?? seen(document.querySelector('.tab[aria-current]'));
    if (last.region === 'composer') return seen($('composer-text')) ?? main ?? row;
    return last.region === 'queue' ? row ?? main : main ?? row;
  }

  const lost = () => document.activeElement === document.body || !!document.activeElement.closest('dialog:not([open])');   // or about to be

  function keep() {
    if (!last || !lost() || document.querySelector('dialog:modal')) return;
    if (last.el.isConnected && seen(last.el) && !last.el.disabled) return void last.el.focus({ preventScroll: true });
    const next = seen($(last.id)) ?? (last.action && seen(trato.keys.find(last.action))) ?? region() ?? $('main');
    next?.focus({ preventScroll: true });
  }

  const soon = () => queueMicrotask(keep);
  document.addEventListener('focusin', note);
  document.addEventListener('focusout', event => event.relatedTarget || requestAnimationFrame(keep));
  document.addEventListener('pointerdown', event => { if (!event.target.closest?.(CONTROL)) last = null; }, true);   // the page itself was chosen
  document.addEventListener('htmx:after:swap', soon);
  document.addEventListener('close', soon, true);
  new MutationObserver(() => last && !last.el.isConnected && keep()).observe(document.documentElement, { childList: true, subtree: true });
})();
