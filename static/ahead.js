// Keys that are faster than a menu of acts: pressed while it is about to open, or to do what was chosen and close, they are held, and pressed once it has.
// Where it does not open, or another client is on the screen by then, they are let go: they were not meant for what stands there now.
(() => {
  const waiting = new Set();
  let held = [], whose;

  const client = () => document.getElementById('header')?.dataset.id;

  const opens = ({ sourceElement: from, request }) => from.matches?.('[data-act-menu]') || request.method === 'POST' && from.closest?.('#act-dialog');
  const writes = el => el?.matches?.('textarea, input:not([type=radio], [type=checkbox])');

  function press(key) {
    const at = document.activeElement ?? document.body;
    if (!writes(at) || key === 'Enter') {
      if (at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })) && key === 'Enter') at.click();
      return;
    }
    at.setRangeText(key, at.selectionStart, at.selectionEnd, 'end');
    at.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }

  function release() {
    if (whose !== client()) held = [];
    while (held.length && !waiting.size) press(held.shift());
  }

  document.addEventListener('keydown', event => {
    if (!waiting.size || !event.isTrusted || event.ctrlKey || event.metaKey || event.altKey || trato.keys.typing(event)) return;
    if (event.key.length > 1 && event.key !== 'Enter' || writes(event.target) && !event.target.closest('#act-dialog')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!held.length) whose = client();
    if (!event.repeat) held.push(event.key);
  }, true);
  document.addEventListener('htmx:config:request', event => { if (!event.defaultPrevented && opens(event.detail.ctx)) waiting.add(event.detail.ctx); });
  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!waiting.delete(ctx)) return;
    if (ctx.request.method === 'GET' && !document.getElementById('act-dialog').open) held = [];
    setTimeout(release);
  });
})();
