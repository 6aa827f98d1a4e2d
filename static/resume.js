// A page that is made anew (another language, a new session) goes on where it was: the focus, the caret, the open dialog, the scrolling.
(() => {
  const KEY = 'resume';
  const $ = id => document.getElementById(id);

  function where() {
    const el = document.activeElement, near = el?.closest?.('[id]');
    const selector = near && (near === el ? `#${CSS.escape(near.id)}` : `#${CSS.escape(near.id)} ${el.localName}`);
    return { path: location.pathname, selector, start: el?.selectionStart ?? null, end: el?.selectionEnd ?? null, dialog: document.querySelector('dialog[open]')?.id,
      list: $('queue-list')?.scrollTop, log: $('log')?.scrollTop, pane: document.body.dataset.pane };
  }

  function remember() {
    try { sessionStorage.setItem(KEY, JSON.stringify(where())); } catch { /* a browser that stores nothing begins at the top */ }
  }

  function take() {
    try { const found = JSON.parse(sessionStorage.getItem(KEY)); sessionStorage.removeItem(KEY); return found?.path === location.pathname ? found : null; } catch { return null; }
  }

  function resume() {
    const was = take();
    if (!was) return;
    if (was.pane) document.body.dataset.pane = was.pane;
    if ($('queue-list')) $('queue-list').scrollTop = was.list ?? 0;
    if ($('log')) $('log').scrollTop = was.log ?? 0;
    if (['preferences', 'keys'].includes(was.dialog)) trato.keys?.open(was.dialog);
    const el = was.selector && document.querySelector(was.selector);
    el?.focus({ preventScroll: true });
    if (el && was.start !== null) try { el.setSelectionRange(was.start, was.end); } catch { /* not a field with a caret */ }
  }

  trato.remember = remember;
  trato.renew = () => { remember(); location.reload(); };
  document.addEventListener('click', event => event.target.closest?.('[data-returns]') && remember());
  if (document.readyState === 'complete') resume(); else addEventListener('load', resume);
})();
