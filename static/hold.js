// What waits: the seconds in which a message can still be taken back, the hours that a channel stays open, and a moment chosen for later.
(() => {
  const $ = id => document.getElementById(id);
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  const now = () => (Date.now() + skew) / 1000;

  function remaining(seconds) {
    const minutes = Math.max(0, Math.floor(seconds / 60)), hours = Math.floor(minutes / 60);
    return hours ? `${hours} h ${String(minutes % 60).padStart(2, '0')} m` : `${minutes} m`;
  }

  const write = (el, text) => { if (el && el.textContent !== text) el.textContent = text; };   // what did not change is not read aloud again

  let ended;
  function end(until) {                                  // a window that was open on the page has closed: once asked, the channels and the panel say so
    ended = until;
    htmx.ajax('GET', `/c/${$('channels').dataset.id}`, { source: '#say', target: '#say', swap: 'none' });
  }

  function over(bar) {
    if (bar.contains(document.activeElement)) $('composer-text')?.focus();
    bar.remove();
  }

  function tick() {
    for (const bar of document.querySelectorAll('[data-due]')) {
      const left = Math.ceil(Number(bar.dataset.due) - now());
      write(bar.querySelector('[data-seconds]'), `${Math.max(0, left)} s`);
      const entry = bar.dataset.of && $(`e-${bar.dataset.of}`), moved = entry && entry.dataset.state !== 'queued';   // a STOP, or a supervisor
      if (bar.id === 'held' && (left <= 0 || moved)) over(bar);
    }
    for (const time of document.querySelectorAll('time[data-until]')) {
      const left = Number(time.dataset.until) - now();
      if (left < -1 && time.closest('#channels') && ended !== time.dataset.until) end(time.dataset.until);
      write(time, remaining(left));
      time.classList.toggle('soon', left < 4 * 3600);
    }
  }

  const shut = () => { const open = !!$('schedule-slot')?.firstElementChild; $('schedule-slot')?.replaceChildren(); $('schedule')?.setAttribute('aria-expanded', 'false'); return open; };

  const label = () => $('later').querySelector('[data-later]');
  function show(form, value, text) {                     // when it goes stands in the composer, and on the button that sends it
    form.not_before.value = value;
    $('later').hidden = !value;
    label().textContent = text;
  }

  function set(value, text = '') {                       // choosing when is sending it then; without words the moment waits for them
    show(trato.composer.form(), value, text);
    shut();
    trato.composer.name();
    trato.drafts.touch();
    $('composer-text').focus();
    if (value && trato.sending.filled()) $('composer').requestSubmit($('send'));
    else if (value) trato.sending.tell($('composer-problem').dataset.wordless);
  }

  function own() {
    const input = $('moment-own'), lang = document.documentElement.lang;
    if (!input.value || !input.reportValidity()) return input.focus();
    const shown = new Intl.DateTimeFormat(lang, { weekday: 'short', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' });
    set(input.value, shown.format(new Date(`${input.value}Z`)));
  }

  trato.later = { show, of: form => [form.not_before.value, label().textContent] };

  document.addEventListener('click', event => {
    const moment = event.target.closest?.('[data-moment]');
    if (moment && !moment.hasAttribute('aria-disabled')) set(moment.dataset.moment, moment.dataset.label);
    else if (event.target.closest?.('[data-uses-moment]')) own();
    else if (event.target.closest?.('[data-drops-later]')) set('');
    else if (event.target.closest?.('[data-closes-schedule]')) { shut(); $('schedule').focus(); }
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !event.target.closest?.('#composer') || !shut()) return;
    event.preventDefault();
    event.stopPropagation();
    $('composer-text').focus();
  }, true);
  document.addEventListener('htmx:after:request', event => {   // taken back from elsewhere: the words wait where they were written
    const { sourceElement, response } = event.detail.ctx, bar = sourceElement?.closest?.('#held');
    const away = bar && !sourceElement.hasAttribute('data-leads') && $('composer')?.dataset.id !== bar.dataset.conversation;
    if (away && response?.status === 200) bar.querySelector('[data-leads]').click();
  });
  document.addEventListener('htmx:after:swap', event => {
    tick();
    if (event.detail.ctx.sourceElement?.id !== 'schedule') return;
    $('schedule').setAttribute('aria-expanded', 'true');
    document.querySelector('#schedule-slot .moment:not([aria-disabled])')?.focus();
  });
  setInterval(tick, 500);
  tick();
})();
