// Keeps rows where they are while somebody works in the list: what a row says changes at once, where it stands waits.
//
// A list that holds the focus, or that the pointer rests on, keeps its order. New rows stay hidden and rows that left stay dimmed with their
// reason, behind a button that says how many changes wait. The button, or leaving the list (the pointer: a second later), applies them.
// Also counts on the spans of time in rows, in the form that the server gives them.
(() => {
  const PATIENCE = 1000, TICK = 10000;
  const apply = trato.arrange, points = matchMedia('(hover: hover)');
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();
  const $ = id => document.getElementById(id);
  let shown = new WeakSet(), known = null, waiting = null, left = 0, later;

  const rests = el => points.matches && (el.matches(':hover') || Date.now() - left < PATIENCE);
  const held = el => el.contains(document.activeElement) || rests(el);

  function moves(here, ids) {                            // as arrange would make them: rows that come, go, or change their place
    const wanted = new Set(ids), stay = here.filter(id => wanted.has(id)), old = new Set(stay), moved = new Set();
    let count = here.length - stay.length, next = 0;
    for (const id of ids) {
      while (moved.has(stay[next])) next += 1;
      if (id === stay[next]) next += 1;
      else { count += 1; if (old.has(id)) moved.add(id); }
    }
    return count;
  }

  function tell(count) {
    const news = $('order-news');
    if (!news) return;
    $('order-text').textContent = count === 1 ? news.dataset.one : news.dataset.many.replace('{n}', count);
    news.hidden = !count;
  }

  function hold(el, ids) {
    const wanted = new Set(ids), rows = [...el.children], here = new Set(rows.map(row => row.dataset.id));
    if (ids.some(id => !here.has(id))) return false;
    for (const row of rows) {                            // what came just now waits; what came and went meanwhile was never here
      if (shown.has(row)) continue;
      if (wanted.has(row.dataset.id)) row.hidden = true; else row.remove();
    }
    const count = moves(rows.filter(row => shown.has(row)).map(row => row.dataset.id), ids);
    waiting = count ? ids : null;
    tell(count);
    return true;
  }

  function settle(el, ids) {
    if (!apply(el, ids)) return false;
    remember();
    if (!el.firstElementChild) $('today')?.dispatchEvent(new Event('refresh'));
    return true;
  }

  function remember() {                                  // what is on the page now is what the agent has seen
    known = $('queue-list');
    shown = new WeakSet(known?.children ?? []);
    for (const row of known?.children ?? []) row.hidden = false;
    waiting = null;
    tell(0);
  }

  trato.arrange = (el, ids) => el.id !== 'queue-list' ? apply(el, ids) : held(el) ? hold(el, ids) : settle(el, ids);

  function refresh() {
    if (waiting && !settle(known, waiting)) waiting = null;
  }

  const release = () => waiting && known && !held(known) && refresh();
  const soon = () => { clearTimeout(later); later = setTimeout(release, PATIENCE + 50); };

  function tick() {
    const now = (Date.now() + skew) / 1000;
    for (const el of document.querySelectorAll('.row [data-since], .row [data-until]')) {
      const minutes = Math.max(0, Math.floor((el.dataset.since ? now - el.dataset.since : el.dataset.until - now) / 60)), hours = Math.floor(minutes / 60);
      el.textContent = minutes < 60 ? `${minutes} m` : minutes < 1440 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d`;
    }
  }

  document.addEventListener('click', event => event.target.closest?.('#order-news') && refresh());
  document.addEventListener('pointerout', event => {
    const from = event.target.closest?.('#queue-list');
    if (!from || from.contains(event.relatedTarget)) return;
    left = Date.now();
    soon();
  });
  document.addEventListener('focusout', event => event.target.closest?.('#queue-list') && soon());
  document.addEventListener('htmx:after:swap', event => {
    if ($('queue-list') !== known || event.detail.ctx?.target?.id === 'queue') remember();
    tick();
  });
  setInterval(tick, TICK);
  remember();
  tick();
})();
