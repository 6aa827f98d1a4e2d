// Tells the agent how things stand: the live pill, and failures of what they pressed.
(() => {
  const RECONNECTING = 1500, OFFLINE = 5000;
  const $ = id => document.getElementById(id);
  let soon, later, was, shown = 'connecting';

  function show(state = shown) {
    shown = state;
    const pill = $('live');
    if (!pill || pill.dataset.state === state) return;
    pill.dataset.state = state;
    $('live-text').textContent = pill.dataset[state];
  }

  function follow(state) {                               // a blink of the network is nobody's business
    if (state === 'live') { clearTimeout(soon); clearTimeout(later); soon = later = undefined; was = 'live'; return show('live'); }
    if (was !== 'live' && was !== undefined) return;
    was = state;
    soon = setTimeout(() => show('reconnecting'), RECONNECTING);
    later = setTimeout(() => show('offline'), OFFLINE);
  }

  let hide;
  function complain(text) {
    const box = $('alert');
    box.textContent = text;
    clearTimeout(hide);
    hide = setTimeout(() => { box.textContent = ''; }, 8000);
  }

  const mute = ctx => ctx?.sourceElement?.matches?.('[data-quiet], #composer, #presence') || trato.pane(ctx ?? {});   // these speak in their own place
  addEventListener('live:state', event => follow(event.detail));
  document.addEventListener('htmx:after:swap', () => show());   // Back replaces the whole page, this included
  document.addEventListener('htmx:response:error', event => {
    const { ctx } = event.detail, { response } = ctx, problem = response.headers.get('X-Problem');
    if (problem) return complain(decodeURIComponent(problem));
    if (mute(ctx) || [401, 404, 409, 422].includes(response.status)) return;
    const { failed, reference } = $('alert').dataset, id = response.headers.get('X-Reference');
    complain(id ? `${failed} ${reference} ${id}` : failed);
  });
  document.addEventListener('htmx:error', event => event.detail.ctx && !event.detail.ctx.response && (mute(event.detail.ctx) || complain($('alert').dataset.unreachable)));
})();
