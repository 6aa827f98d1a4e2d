// Keeps what depends on neighbours and on the day right after entries came one by one: where a day starts, which messages belong together.
(() => {
  const TOGETHER = 300e6;                                // microseconds, as in parts/entry.html
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's

  function days(list) {                                  // what is called today and yesterday in the reader's zone
    const told = new Intl.DateTimeFormat('en-CA', { timeZone: list.dataset.zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    const now = Date.now() + skew;
    return { [told.format(now - 864e5)]: list.dataset.yesterday, [told.format(now)]: list.dataset.today };
  }

  function mark() {
    const list = document.getElementById('timeline');
    if (!list) return;
    const { show } = list.dataset, near = days(list);
    let previous;
    for (const entry of list.children) {
      if (show !== 'all' && !entry.dataset.shows.split(' ').includes(show)) continue;
      const first = !previous || previous.dataset.day !== entry.dataset.day;
      const joined = !first && entry.classList.contains('message') && previous.dataset.by === entry.dataset.by
        && entry.dataset.at - previous.dataset.at < TOGETHER;
      entry.classList.toggle('starts-day', first);
      entry.classList.toggle('grouped', joined);
      const name = entry.querySelector('.day-near'), word = near[entry.dataset.day] ?? '';
      if (name.textContent !== word) name.textContent = word;
      previous = entry;
    }
  }

  document.addEventListener('htmx:after:swap', mark);
  setInterval(mark, 60000);
})();
