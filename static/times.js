// Says how long ago something was, with the exact moment in the reader's and in the client's zone: on hover, by a tap, and in the line where the
// keyboard is.
(() => {
  const STEPS = [['year', 31536e6], ['month', 2592e6], ['week', 6048e5], ['day', 864e5], ['hour', 36e5], ['minute', 6e4]];
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  const told = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' });

  function since(moment) {
    const gone = Date.now() + skew - moment;
    const [unit, size] = STEPS.find(([, length]) => Math.abs(gone) >= length) ?? ['second', 1000];
    return told.format(-Math.trunc(gone / size), unit);
  }

  function tell(moment) {
    const time = moment.querySelector('time'), exact = moment.querySelector('.exact');
    exact.dataset.ago = since(Date.parse(time.dateTime));
    time.title = `${exact.dataset.ago} · ${exact.textContent}`;
  }

  document.addEventListener('pointerover', event => {
    const moment = event.target.closest?.('.instant');
    if (moment) tell(moment);
  });
  document.addEventListener('focusin', event => event.target.closest?.('.entry')?.querySelectorAll('.instant').forEach(tell));
  document.addEventListener('click', event => {
    const moment = event.target.closest?.('.instant');
    if (moment) { tell(moment); moment.classList.toggle('open'); }
  });
})();
