// A page that is made anew (another language, a new session) goes on where it was: the focus, the caret, the open dialog, the scrolling, and of a
// story the same part with the same choice.
(() => {
  const KEY = 'resume';
  const $ = id => document.getElementById(id);

  function line() {                                      // the first one that is seen; none at the end
    const log = $('log'), edge = log?.getBoundingClientRect().top;
    if (!log || log.scrollTop === 0 && !trato.story.past()) return null;
    const entry = [...$('timeline').children].find(one => one.getBoundingClientRect().bottom > edge);
    return entry && { id: entry.id, place: `${entry.dataset.at}.${entry.dataset.position}`, top: entry.getBoundingClientRect().top - edge };
  }

  async function scroll({ show = 'all', line }) {
    if (!$('story') || show === 'all' && !line) return;
    if (show !== 'all' || !$(line.id)) await trato.story.part({ show, ...line && { around: line.place } });
    if ($(line?.id)) $('log').scrollTop += $(line.id).getBoundingClientRect().top - $('log').getBoundingClientRect().top - line.top;
  }

  function where() {
    const el = document.activeElement, near = el?.closest?.('[id]');
    const selector = near && (near === el ? `#${CSS.escape(near.id)}` : `#${CSS.escape(near.id)} ${el.localName}`);
    return { path: location.pathname, selector, start: el?.selectionStart ?? null, end: el?.selectionEnd ?? null, dialog: document.querySelector('dialog[open]')?.id,
      list: $('queue-list')?.scrollTop, show: $('story')?.dataset.show, line: line(), pane: document.body.dataset.pane };
  }

  function remember() {
    try { sessionStorage.setItem(KEY, JSON.stringify(where())); } catch { /* a browser that stores nothing begins at the top */ }
  }

  function take() {
    try { const found = JSON.parse(sessionStorage.getItem(KEY)); sessionStorage.removeItem(KEY); return found?.path === location.pathname ? found : null; } catch { return null; }
  }

  async function resume() {
    const was = take();
    if (!was) return;
    if (was.pane) document.body.dataset.pane = was.pane;
    if ($('queue-list')) $('queue-list').scrollTop = was.list ?? 0;
    if (['preferences', 'keys'].includes(was.dialog)) trato.keys?.open(was.dialog);
    const el = was.selector && document.querySelector(was.selector);
    el?.focus({ preventScroll: true });
    if (el && was.start !== null) try { el.setSelectionRange(was.start, was.end); } catch { /* not a field with a caret */ }
    await scroll(was);
  }

  trato.remember = remember;
  trato.renew = () => { remember(); location.reload(); };
  document.addEventListener('click', event => event.target.closest?.('[data-returns]') && remember());
  if (document.readyState === 'complete') resume(); else addEventListener('load', resume);
})();
