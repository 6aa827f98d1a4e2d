// Tells colleagues that somebody is here: looking after five seconds, writing while keys are pressed. A second press sends beside a colleague who writes.
(() => {
  const LOOKS_AFTER = 5000, AGAIN = 50000, WRITES = 4000;
  const $ = id => document.getElementById(id);
  let at = null, doing = null, told = 0, waiting;

  function tell(what, id = $('conversation')?.dataset.id) {
    const region = $('presence');
    if (!id || !region || (what === doing && id === at && Date.now() - told < (what === 'writing' ? WRITES : AGAIN))) return;
    [at, doing, told] = [id, what, Date.now()];
    htmx.ajax('POST', `/c/${id}/here`, { source: region, target: region, swap: 'none', values: { doing: what } }).catch(() => { told = 0; });
  }

  function look() {
    clearTimeout(waiting);
    const id = $('conversation')?.dataset.id;
    if (at && at !== id) { tell('gone', at); at = doing = null; }
    if (id && !document.hidden) waiting = setTimeout(tell, LOOKS_AFTER, 'viewing');
  }

  function hideMe() {                                    // one picture serves everybody: one's own head is not news
    for (const head of document.querySelectorAll('#presence [data-agent]')) head.hidden = head.dataset.agent === document.body.dataset.agent;
    const form = $('composer');
    if (form?.dataset && !document.querySelector('#presence .writing:not([hidden])')) delete form.dataset.anyway;
    trato.composer?.name?.();
  }

  document.addEventListener('input', event => event.target.id === 'composer-text' && event.isTrusted && tell('writing'));
  document.addEventListener('htmx:config:request', event => {
    const form = $('composer');
    if (event.detail.ctx.sourceElement !== form || form.dataset.mode === 'note' || form.dataset.anyway) return;
    if (!document.querySelector('#presence .writing:not([hidden])')) return;
    form.dataset.anyway = 'yes';                         // the first press says so, the second one sends
    trato.composer.name();
    $('say').textContent = document.querySelector('#presence .writing:not([hidden])').textContent.trim();
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  for (const event of ['htmx:after:swap', 'visibilitychange']) document.addEventListener(event, () => { hideMe(); look(); });
  setInterval(() => document.hidden || (doing === 'writing' && Date.now() - told < 8000) || tell('viewing'), AGAIN);
  addEventListener('pagehide', () => at && navigator.sendBeacon && tell('gone', at));
  look();
})();
