// While a pane is fetched the old one stays and is busy, with a skeleton only when it takes long; a failure is told in its place, with a retry.
(() => {
  const SLOW = 250;
  const PANES = { conversation: 'main', queue: 'queue', main: 'main' };
  const $ = id => document.getElementById(id);
  const waiting = new Map();
  let again = null;

  const pane = ctx => { const { request, target } = ctx; return request?.method === 'GET' && target?.id !== undefined && !ctx.sourceElement?.matches?.('[data-quiet]') ? PANES[target.id] : undefined; };

  function begin({ detail: { ctx } }) {
    const name = pane(ctx);
    if (!name) return;
    hide(name);
    $(name)?.setAttribute('aria-busy', 'true');
    clearTimeout(waiting.get(name)?.timer);
    waiting.set(name, { ctx, timer: setTimeout(() => { $(`skeleton-${name}`)?.removeAttribute('hidden'); }, SLOW) });
  }

  function end({ detail: { ctx } }) {                    // a request that was replaced by another is not the end of waiting
    for (const [name, one] of waiting) {
      if (one.ctx !== ctx) continue;
      clearTimeout(one.timer);
      waiting.delete(name);
      $(name)?.removeAttribute('aria-busy');
      $(`skeleton-${name}`)?.setAttribute('hidden', '');
    }
  }

  function hide(name) {
    const box = $('failed');
    if (box && (!name || box.dataset.pane === name)) box.hidden = true;
  }

  function fail(ctx, response) {
    const name = pane(ctx), box = $('failed');
    if (!name || !box || [401, 404].includes(response?.status)) return false;
    again = { source: ctx.sourceElement, url: ctx.request.action, target: ctx.target.id };
    box.dataset.pane = name;
    const reference = response?.headers.get('X-Reference');
    $('failed-text').textContent = response ? box.dataset.failed : box.dataset.unreachable;
    $('failed-reference').textContent = reference ? `${box.dataset.reference} ${reference}` : '';
    box.hidden = false;
    return true;
  }

  function retry() {
    const box = $('failed');
    box.hidden = true;
    if (again.source?.isConnected && again.source.matches('a, button')) again.source.click();
    else htmx.ajax('GET', again.url, { source: `#${again.target}`, target: `#${again.target}`, swap: 'outerHTML' });
    again.source?.focus?.({ preventScroll: true });
  }

  document.addEventListener('htmx:before:request', begin);
  document.addEventListener('htmx:finally:request', end);
  document.addEventListener('htmx:response:error', event => fail(event.detail.ctx, event.detail.ctx.response));
  document.addEventListener('htmx:error', event => event.detail.ctx && !event.detail.ctx.response && fail(event.detail.ctx));
  document.addEventListener('click', event => {
    if (event.target.closest?.('[data-retries]')) retry();
    else if (event.target.closest?.('[data-dismisses]')) hide();
  });
  window.trato.pane = pane;
})();
