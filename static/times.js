// Says on hover how long ago something was, with the exact moment in the reader's and in the client's zone.
(() => {
  const STEPS = [['year', 31536e6], ['month', 2592e6], ['week', 6048e5], ['day', 864e5], ['hour', 36e5], ['minute', 6e4]];
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  const told = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });

  function since(moment) {
    const gone = Date.now() + skew - moment;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(gone) >= length) ?? ['second', 1000];
    return told.format(-Math.trunc(gone / size), unit);
  }

  document.addEventListener('pointerover', event => {
    const time = event.target.closest?.('time[data-exact]');
    if (time) time.title = `${since(Date.parse(time.dateTime))} · ${time.dataset.exact}`;
  });
})();
