// What waits: the seconds in which a message can still be taken back, the hours that a channel stays open, and a moment chosen for later.
(() => {
  const $ = id => document.getElementById(id);
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  const now = () => (Date.now() + skew) / 1000;

  function remaining(seconds) {
    const minutes = Math.max(0, Math.floor(seconds / 60)), hours = Math.floor(minutes / 60);
    return hours ? `${hours} h ${String(minutes % 60).padStart(2, '0')} m` : `${minutes} m`;
  }

  function tick() {
    for (const bar of document.querySelectorAll('[data-due]')) {
      const left = Math.ceil(Number(bar.dataset.due) - now());
      const shown = bar.querySelector('[data-seconds]');
      if (shown) shown.textContent = `${Math.max(0, left)} s`;
      if (left <= 0 && bar.id === 'held') { if (bar.contains(document.activeElement)) $('composer-text')?.focus(); bar.remove(); }
    }
    for (const time of document.querySelectorAll('time[data-until]')) {
      const left = Number(time.dataset.until) - now();
      time.textContent = remaining(left);
      time.classList.toggle('soon', left < 4 * 3600);
    }
  }

  function set(value, label) {
    const form = trato.composer.form();
    form.not_before.value = value;
    $('schedule-slot').replaceChildren();
    $('schedule').title = label;
    trato.composer.name();
    if (value) $('say').textContent = label;
    $('send').focus();
  }

  document.addEventListener('click', event => {
    const moment = event.target.closest?.('[data-moment]');
    if (moment && !moment.hasAttribute('aria-disabled')) set(moment.dataset.moment, moment.dataset.label);
    else if (event.target.closest?.('[data-uses-moment]')) { const own = $('moment-own'); if (own.value && own.reportValidity()) set(own.value, own.value.replace('T', ' ')); }
    else if (event.target.closest?.('[data-closes-schedule]')) set('', $('schedule').getAttribute('aria-label'));
  });
  document.addEventListener('keydown', event => {
    if (event.target.closest?.('#composer') && (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === 's') { event.preventDefault(); $('schedule').click(); }
    else if (event.key === 'Escape' && event.target.closest?.('#schedule-slot')) { event.stopPropagation(); set('', ''); $('composer-text').focus(); }
  }, true);
  document.addEventListener('htmx:after:swap', event => {
    tick();
    if (event.detail.ctx.sourceElement?.id === 'schedule') document.querySelector('#schedule-slot .moment:not([aria-disabled])')?.focus();
  });
  setInterval(tick, 500);
  tick();
})();
