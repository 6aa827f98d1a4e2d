// Keeps what depends on neighbours right after entries came one by one: where a day starts, which messages belong together.
(() => {
  const TOGETHER = 300;                                  // seconds, as in parts/entry.html

  function mark() {
    let previous;
    for (const entry of document.getElementById('timeline')?.children ?? []) {
      const first = !previous || previous.dataset.day !== entry.dataset.day;
      const joined = !first && entry.classList.contains('message') && previous.dataset.by === entry.dataset.by
        && entry.dataset.at - previous.dataset.at < TOGETHER;
      entry.classList.toggle('starts-day', first);
      entry.classList.toggle('grouped', joined);
      previous = entry;
    }
  }

  document.addEventListener('htmx:after:swap', mark);
})();
