// Acts of one client wait for one another (hx-sync="#shell:queue all"): a key that is pressed while another is being answered comes after it.
//
// A control whose act is under way does nothing more: twice pressed is once done. Where another client was opened meanwhile the act is still done
// for the one who was on the screen, also one that had to wait, and its toast is shown; a menu of somebody who is gone is not.
(() => {
  const LANE = '[hx-sync^="#shell:queue"], [hx-sync\\:inherited^="#shell:queue"]';
  const here = () => document.getElementById('conversation');
  const goes = ctx => !ctx.lane || ctx.request.action.startsWith('/next');   // it brings another client to the screen
  const under = new Map();                               // what was asked and is not answered yet, by its control
  let opening = null;                                    // what was last asked to bring another client

  function enter(event) {
    const { ctx } = event.detail, { request, sourceElement } = ctx, { abort } = request;
    if (!sourceElement.closest?.(LANE)) return;
    ctx.lane = sourceElement.dataset.keyAction ?? `${request.action}?${new URLSearchParams(request.body)}`;
    if (under.has(ctx.lane)) return event.preventDefault();
    under.set(ctx.lane, ctx);
    if (request.method === 'POST' && !request.action.startsWith('/next')) request.abort = why => why && abort(why);   // who goes on takes nothing back
  }

  function begin(event) {
    const { ctx } = event.detail, { method, action } = ctx.request, next = action.startsWith('/next');
    if (ctx.lane && method === 'GET' && !action.startsWith(`/c/${here()?.dataset.id}/`)) event.preventDefault();
    if (ctx.lane && !next || ctx.target?.id !== 'conversation') return;
    for (const one of [opening, ...under.values()]) if (one && one !== ctx && goes(one)) one.request.abort();   // who was asked for last is shown
    opening = ctx;
  }

  function leave({ detail: { ctx } }) {
    if (under.get(ctx.lane) === ctx) under.delete(ctx.lane);
  }

  function arrive(event) {                               // the page may have changed under an answer
    const { ctx } = event.detail;
    leave(event);
    if (ctx.lane && !ctx.target?.isConnected) ctx.target = ctx.request.action.startsWith('/next') ? here() : document.body;
  }

  document.addEventListener('htmx:config:request', enter);
  document.addEventListener('htmx:before:request', begin);
  document.addEventListener('htmx:after:request', arrive);
  document.addEventListener('htmx:finally:request', leave);
})();
