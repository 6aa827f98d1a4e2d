// Says what was read: only words that are seen, by whom the client is with, when a second has passed with the end of the timeline before their
// eyes. Also remembers the revision at which that end was last in view with its messages: what a sending may say that its writer had seen.
(() => {
  const LOOKED = 1000, NEAR = 100;
  const $ = id => document.getElementById(id);
  let waiting, telling = null, told = { id: null, revision: 0 }, end = { id: null, revision: 0 };

  function ended() {                                     // the timeline whose end is seen: a tab may be hidden, and on a narrow screen a pane
    const list = $('timeline'), log = $('log');
    return list && !document.hidden && log.scrollTop >= -NEAR && !trato.story.past() && log.checkVisibility({ visibilityProperty: true }) ? list : null;
  }

  function newest(list) {                                // what a choice of kinds hides is not read
    let revision = 0;
    for (const entry of list.children) if (entry.dataset.direction === 'in' && entry.checkVisibility()) revision = Math.max(revision, Number(entry.dataset.revision));
    return revision;
  }

  function note() {
    const list = ended();
    if (list && !trato.story.filtered()) end = { id: list.dataset.id, revision: Number(list.dataset.seen) };
  }

  function seen(id) {
    note();
    return end.id === id ? end.revision : 0;
  }

  function tell() {                                      // who only looks leaves it unread for whoever takes it
    const list = ended();
    if (!list || !('mine' in $('header').dataset)) return;
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
  trato.ended = ended;
  trato.read = { seen };
  for (const event of ['htmx:after:swap', 'visibilitychange']) document.addEventListener(event, look);
  document.addEventListener('scroll', event => event.target.id === 'log' && look(), { capture: true, passive: true });
  document.addEventListener('htmx:finally:request', learn);
  for (const event of ['pageshow', 'resize']) addEventListener(event, look);
  addEventListener('live:applied', note);
  addEventListener('live:state', event => event.detail === 'live' && look());
})();
