// Fetches what is seldom needed of a message when it is opened, and again when the message changed while it stands open.
(() => {
  const fetched = new WeakMap();                         // what stands open -> the revision that it tells of

  function fill(details) {
    const body = details.querySelector('.more-body'), revision = details.closest('.entry').dataset.revision;
    if (!details.open || fetched.get(details) === revision) return;
    fetched.set(details, revision);
    htmx.ajax('GET', details.dataset.src, { source: details, target: body, swap: 'outerHTML' });
  }

  document.addEventListener('toggle', event => event.target.matches?.('details.more') && fill(event.target), true);
  document.addEventListener('htmx:after:swap', () => document.querySelectorAll('details.more[open]').forEach(fill));
  document.addEventListener('keydown', event => {
    const details = event.key === 'Escape' ? event.target.closest?.('details.more[open]') : null;
    if (!details) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector('summary').focus();
  }, true);
})();
