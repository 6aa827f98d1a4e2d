// Keeps every region with a data-topic equal to the server's, whatever was lost, doubled or late.
//
// A region says on the page what it shows (data-seen: a conversation's revision, a list's digest), where it is fetched whole (data-src)
// and what that replaces (data-target). On connecting we say what we have seen; the server answers with what is missing and then follows.
// A conversation's frame applies when from <= seen < to, a list's when from is null or equals seen. Anything else is a hole: ask again.
(() => {
  const BASE = 500, CAP = 30000, STABLE = 20000, SILENT = 25000, OPENING = 10000, DRAINED = 5000, PATIENCE = 1000;
  const asked = new Map();                               // topic -> when we last asked for it
  let watched = new Map(), socket = null, tries = 0, heard = 0, retry, steady, chain = Promise.resolve();

  const say = (state) => dispatchEvent(new CustomEvent('live:state', { detail: state }));
  const send = message => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  const regions = () => [...document.querySelectorAll('[data-topic]')];
  const region = topic => regions().find(el => el.dataset.topic === topic);
  const seen = el => el.dataset.topic.startsWith('conversation:') ? Number(el.dataset.seen) : el.dataset.seen;
  const all = els => Object.fromEntries(els.map(el => [el.dataset.topic, seen(el)]));

  function scan() {                                      // a region that came by HTTP brings what it was rendered at
    const here = new Map(regions().map(el => [el.dataset.topic, el]));
    const left = [...watched.keys()].filter(topic => !here.has(topic));
    const fresh = [...here.values()].filter(el => watched.get(el.dataset.topic) !== el);
    watched = here;
    if (left.length) send({ t: 'leave', topics: left });
    if (fresh.length) send({ t: 'watch', seen: all(fresh) });
  }

  function ask(el) {                                     // one question at a time: late frames would each ask again
    const topic = el.dataset.topic;
    if (Date.now() - (asked.get(topic) ?? 0) < PATIENCE) return;
    asked.set(topic, Date.now());
    send({ t: 'watch', seen: all([el]) });
  }

  async function apply(frame) {
    const el = region(frame.topic);
    if (!el) return;
    const now = seen(el), list = Array.isArray(frame.order);
    if (list ? frame.from !== null && frame.to === now : frame.to <= now) return;
    if (list ? frame.from !== null && frame.from !== now : frame.from > now) return ask(el);
    if (frame.html) await htmx.swap({ sourceElement: document.body, target: document.body, swap: 'none', text: frame.html, transition: false });
    asked.delete(frame.topic);
    if (list && !trato.arrange(el, frame.order)) { el.dataset.seen = ''; return ask(el); }
    el.dataset.seen = frame.to;
    dispatchEvent(new CustomEvent('live:applied', { detail: frame.topic }));
  }

  async function refetch(el) {                           // too far behind, or no longer ours: whole, but what is being typed stays
    if (!el) return;
    const { src, target, topic } = el.dataset;
    watched.delete(topic);
    await htmx.ajax('GET', src, { source: target, target, swap: 'outerMorph' });
    scan();
  }

  function compare(heads) {                              // a lost last frame leaves no hole: only this shows it
    for (const el of regions()) {
      const head = heads[el.dataset.topic];
      if (head === undefined) continue;
      if (typeof head === 'string' ? head !== seen(el) : head > seen(el)) ask(el);
    }
  }

  function receive(message) {
    if (message.t === 'live') return say('live');
    const act = { frame: () => apply(message), ping: () => compare(message.seen), gone: () => refetch(region(message.topic)) }[message.t];
    if (act) chain = chain.then(act).catch(error => console.error('live', error));
  }

  function open() {
    clearTimeout(retry);
    if (socket) return;
    say('connecting');
    const ws = socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/live');
    const slow = setTimeout(() => lost(ws), OPENING);
    ws.onopen = () => { clearTimeout(slow); heard = Date.now(); steady = setTimeout(() => { tries = 0; }, STABLE); asked.clear();
      watched = new Map(regions().map(el => [el.dataset.topic, el])); send({ t: 'hello', seen: all(regions()) }); };
    ws.onmessage = event => { if (ws === socket) { heard = Date.now(); receive(JSON.parse(event.data)); } };
    ws.onclose = event => { clearTimeout(slow); lost(ws, event.code); };
  }

  function lost(ws, code) {                              // full jitter; an unstable life does not count as success
    if (ws !== socket) return;
    socket = null; clearTimeout(steady); ws.close(); say('offline');
    if (code === 4409) dispatchEvent(new Event('live:rights'));
    if (code === 4401) return void dispatchEvent(new Event('live:login'));
    retry = setTimeout(open, Math.max(code === 4503 ? DRAINED : 0, Math.random() * Math.min(CAP, BASE * 2 ** tries++)));
  }

  const silent = () => socket?.readyState === WebSocket.OPEN && Date.now() - heard > SILENT;
  const nudge = () => { if (silent()) lost(socket); if (!socket) { clearTimeout(retry); retry = setTimeout(open, Math.random() * 500); } };
  addEventListener('pageshow', event => event.persisted ? nudge() : open());
  addEventListener('pagehide', () => { const ws = socket; socket = null; clearTimeout(retry); ws?.close(1000); });
  addEventListener('online', nudge);
  addEventListener('offline', () => socket && lost(socket));
  document.addEventListener('visibilitychange', () => document.hidden || nudge());
  document.addEventListener('htmx:after:swap', scan);
  setInterval(() => silent() && lost(socket), 5000);
})();
