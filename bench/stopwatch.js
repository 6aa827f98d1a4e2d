// The stopwatch of a measured page: from a key, a click or the navigation until what was waited for is painted. It changes nothing on the page.
(() => {
  const $ = id => document.getElementById(id);
  const frames = [], events = [];
  let pressed = 0, swapped = 0, shifted = 0, lcp = 0, live = '', focused = null, running = null;

  const painted = () => new Promise(done => requestAnimationFrame(() => {   // the task after a frame's callbacks begins when it was painted
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  }));

  const last = () => $('timeline')?.lastElementChild?.textContent ?? '';
  const READY = {
    rows: count => document.querySelectorAll('#queue-list > .row').length >= count,
    opened: id => $('timeline')?.dataset.id === id && $('timeline').childElementCount > 0,
    moved: () => document.activeElement !== focused,
    busy: () => $('composer')?.getAttribute('aria-busy') === 'true' || $('main')?.getAttribute('aria-busy') === 'true' || $('going')?.hidden === false,
    said: mark => last().includes(mark),
    listed: mark => $('queue-list')?.textContent.includes(mark),
    palette: () => $('palette')?.open === true,
    found: text => $('palette-found')?.hidden === false && $('palette-found').dataset.for === text,
  };

  function wait([kind, value]) {                         // resolves with the moment at which it was painted
    const ready = () => READY[kind](value);
    return new Promise(done => {
      if (ready()) return void painted().then(done);
      const look = () => {
        if (!ready()) return;
        watcher.disconnect();
        document.removeEventListener('focusin', look);
        painted().then(done);
      };
      const watcher = new MutationObserver(look);
      document.addEventListener('focusin', look);
      watcher.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
    });
  }

  function weights() {                                   // kilobytes as they come over the line, from the cache as well
    const [page] = performance.getEntriesByType('navigation'), files = performance.getEntriesByType('resource');
    const of = end => files.filter(one => new URL(one.name).pathname.endsWith(end)).reduce((sum, one) => sum + one.encodedBodySize, 0) / 1000;
    return { html: page.encodedBodySize / 1000, js: of('.js'), css: of('.css'), fonts: of('.woff2'), requests: files.length + 1 };
  }

  const stopwatch = window.stopwatch = {
    arm(waits) { pressed = swapped = 0; focused = document.activeElement; running = Promise.all(waits.map(wait)); },
    async read() {                                       // milliseconds from the press to each, and from the swap's beginning to the last
      const done = await running;
      return { each: done.map(at => at - pressed), swap: swapped ? Math.max(...done) - swapped : 0, clock: done.map(at => performance.timeOrigin + at) };
    },
    async loaded(count) {
      const rows = await first, [page] = performance.getEntriesByType('navigation');
      const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? rows;
      return { rows, paint, first: page.responseStart, lcp: Math.max(lcp, paint), shift: shifted, count };
    },
    live: () => live,
    events: () => events.splice(0),
    painted,
    weights,
  };

  const first = wait(['rows', 1]);
  for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, event => { pressed ||= event.timeStamp; }, { capture: true });
  addEventListener('online', event => { pressed = event.timeStamp; });
  addEventListener('live:state', event => { live = event.detail; });
  document.addEventListener('htmx:before:swap', () => { swapped = performance.now(); });
  const observe = (type, heard, more) => new PerformanceObserver(list => list.getEntries().forEach(heard)).observe({ type, buffered: true, ...more });
  observe('largest-contentful-paint', entry => { lcp = entry.startTime; });
  observe('layout-shift', entry => { shifted += entry.hadRecentInput ? 0 : entry.value; });
  observe('event', entry => entry.interactionId && events.push([entry.interactionId, entry.duration]), { durationThreshold: 16 });
})();
