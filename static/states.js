// What the agent is told while the line is down: reading stays possible and says how old it is, sending waits; and how much came meanwhile.
(() => {
  const OUTAGE = 5000, TELLING = 6000, SETTLING = 1200;
  const $ = id => document.getElementById(id);
  const lang = document.documentElement.lang;
  let later, since = Date.now(), out = false, before = null, barred = false, hide;

  const skew = Number(document.body.dataset.now) * 1000 - Date.now();
  const clock = at => new Intl.DateTimeFormat(lang, { timeZone: document.body.dataset.zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at + skew));

  function snapshot() {
    const rows = [...document.querySelectorAll('#queue-list > .row')].map(row => [row.dataset.id, row.dataset.revision]);
    return { rows: new Map(rows), entries: new Set([...document.querySelectorAll('#timeline > .entry')].map(entry => entry.id)), view: $('queue')?.dataset.view, open: $('timeline')?.dataset.id };
  }

  function news(old) {                                   // other conversations that moved, and what came into the open one
    const now = snapshot();
    let count = 0;
    if (now.view === old.view) for (const [id, revision] of now.rows) if (id !== now.open && old.rows.get(id) !== revision) count += 1;
    if (now.open === old.open) for (const id of now.entries) if (!old.entries.has(id)) count += 1;
    return count;
  }

  function bar(on) {
    out = on;
    const box = $('outage');
    document.body.toggleAttribute('data-stale', on);
    if (box) { box.hidden = !on; $('outage-time').textContent = clock(since); }
    hold();
  }

  function hold() {                                      // Send says why it waits; what was barred before stays so
    const send = $('send');
    if (!send) return;
    if (out && send.getAttribute('aria-disabled') !== 'true') { barred = true; send.setAttribute('aria-disabled', 'true'); send.setAttribute('aria-describedby', 'outage-text'); }
    else if (!out && barred) { barred = false; send.removeAttribute('aria-disabled'); send.removeAttribute('aria-describedby'); }
  }

  function told(count) {
    const pill = $('live'), text = $('live-text');
    clearTimeout(hide);
    text.textContent = count ? (count === 1 ? pill.dataset.newsOne : pill.dataset.newsMany.replace('{n}', count)) : pill.dataset.upToDate;
    pill.dataset.told = '';
    hide = setTimeout(() => { delete pill.dataset.told; if (pill.dataset.state === 'live') text.textContent = pill.dataset.live; }, TELLING);
  }

  function follow(state) {
    if (state === 'live') {
      clearTimeout(later); later = undefined;
      const old = before, was = out;
      before = null; since = Date.now();
      if (was) { bar(false); setTimeout(() => told(news(old)), SETTLING); }
    } else if (later === undefined) {
      before = snapshot(); since = Date.now();
      later = setTimeout(() => bar(true), OUTAGE);
    }
  }

  addEventListener('live:state', event => follow(event.detail));
  document.addEventListener('htmx:after:swap', () => out && hold());
  document.addEventListener('submit', event => {
    if (!out || event.target.id !== 'composer') return;
    event.preventDefault(); event.stopImmediatePropagation();
    trato.keys.say($('outage-text').textContent);
  }, true);
  document.addEventListener('click', event => event.target.closest?.('[data-reconnects]') && dispatchEvent(new Event('online')));
})();
