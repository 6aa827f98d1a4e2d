// Says what was read: only when the tab is visible, the end of the timeline is in view and a second has passed. Also remembers the revision at
// which the end was last in view with its messages: what a sending may say that its writer had seen.
(() => {
  const LOOKED = 1000, NEAR = 100;
  let waiting, telling = null, told = { id: null, revision: 0 }, end = { id: null, revision: 0 };

  function newest(list) {
    let revision = 0;
    for (const entry of list.children) if (entry.dataset.direction === 'in') revision = Math.max(revision, Number(entry.dataset.revision));
    return revision;
  }

  function shown() {                                     // the timeline, while its end is in view
    const list = document.getElementById('timeline'), log = document.getElementById('log');
    return list && !document.hidden && log.scrollTop >= -NEAR && !trato.story.past() && log.checkVisibility() ? list : null;
  }

  function note() {
    const list = shown();
    if (list && !trato.story.filtered()) end = { id: list.dataset.id, revision: Number(list.dataset.seen) };
  }

  function seen(id) {
    note();
    return end.id === id ? end.revision : 0;
  }

  function tell() {
    const list = shown();
    if (!list) return;
    const id = list.dataset.id, revision = newest(list);
    if (!revision || [told, telling].some(one => one?.id === id && one.revision >= revision)) return;
    telling = { id, revision };
    htmx.ajax('POST', `/c/${id}/read`, { source: '#say', target: '#say', swap: 'none', values: { revision } });
  }

  function learn(event) {                                // said is what was heard: after a failure the next look says it again
    const { request, response } = event.detail.ctx;
    if (!telling || request?.action !== `/c/${telling.id}/read`) return;
    if (response?.raw.ok) told = telling;
    telling = null;
  }

  const look = () => { note(); clearTimeout(waiting); waiting = setTimeout(tell, LOOKED); };
  trato.read = { seen };
  for (const event of ['htmx:after:swap', 'visibilitychange']) document.addEventListener(event, look);
  document.addEventListener('scroll', event => event.target.id === 'log' && look(), { capture: true, passive: true });
  document.addEventListener('htmx:finally:request', learn);
  addEventListener('pageshow', look);
  addEventListener('live:applied', note);
  addEventListener('live:state', event => event.detail === 'live' && look());
})();
