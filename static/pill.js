// Tells the agent how things stand: the live pill, the end of the session, and failures of what they pressed.
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

  function ended() {
    const dialog = $('signed-out'), link = dialog.querySelector('[data-returns]');
    link.href = '/sign-in?next=' + encodeURIComponent(location.pathname + location.search);
    if (!dialog.open) dialog.showModal();
  }

  let hide;
  function complain(text) {
    const box = $('alert');
    box.textContent = text;
    clearTimeout(hide);
    hide = setTimeout(() => { box.textContent = ''; }, 8000);
  }

  const mute = element => element?.matches?.('[data-quiet], #composer');   // the composer speaks beside its own field
  addEventListener('live:state', event => follow(event.detail));
  addEventListener('live:login', ended);
  document.addEventListener('htmx:after:swap', () => show());   // Back replaces the whole page, this included
  document.addEventListener('htmx:before:response', event => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault();
    ended();
  });
  document.addEventListener('htmx:response:error', event => {
    const { response, sourceElement } = event.detail.ctx, problem = response.headers.get('X-Problem');
    if (problem) return complain(decodeURIComponent(problem));
    if (mute(sourceElement) || [401, 404, 409, 422].includes(response.status)) return;
    const { failed, reference } = $('alert').dataset, id = response.headers.get('X-Request-Id');
    complain(id ? `${failed} ${reference} ${id}` : failed);
  });
  document.addEventListener('htmx:error', event => mute(event.detail.ctx?.sourceElement) || complain($('alert').dataset.unreachable));
})();
