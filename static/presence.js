// Tells colleagues that somebody is here: looking after five seconds, writing while keys are pressed. A second press sends beside a colleague who writes.
(() => {
  const LOOKS_AFTER = 5000, AGAIN = 45000, WRITES = 4000, STOPS = 8000;
  const $ = id => document.getElementById(id);
  let at = null, coming = null, doing = null, told = 0, waiting, stopping;

  function tell(what, id = $('conversation')?.dataset.id) {
    const region = $('presence');
    if (!id || !region || !$('composer')?.text || (what === doing && id === at && Date.now() - told < (what === 'writing' ? WRITES : AGAIN - 1000))) return;
    [at, doing, told] = [id, what, Date.now()];
    htmx.ajax('POST', `/c/${id}/here`, { source: region, target: region, swap: 'none', values: { doing: what, tab: trato.tab } }).catch(() => { told = 0; });
  }

  function leave() {                                     // an ordinary request would end with the page
    const csrf = document.querySelector('[name=_csrf]')?.value;
    if (at && csrf) navigator.sendBeacon(`/c/${at}/here`, new URLSearchParams({ doing: 'gone', tab: trato.tab, _csrf: csrf }));
    at = coming = doing = null;
  }

  function look() {                                      // a tab that nobody sees is not here, nor is a pane
    const seen = !document.hidden && $('log')?.checkVisibility({ visibilityProperty: true }), id = seen ? $('conversation').dataset.id : null;
    if (id === coming) return;
    clearTimeout(waiting);
    if (at && at !== id) leave();
    coming = id;
    if (id) waiting = setTimeout(tell, LOOKS_AFTER, 'viewing');
  }

  function write() {
    tell('writing');
    clearTimeout(stopping);
    stopping = setTimeout(tell, STOPS, 'viewing');
  }

  const writer = () => document.querySelector('#presence .writing:not([hidden])');

  function hideMe() {                                    // one picture serves everybody: one's own head is not news
    for (const head of document.querySelectorAll('#presence [data-agent]')) head.hidden = head.dataset.agent === document.body.dataset.agent;
    const form = $('composer');
    if (form?.dataset.anyway && !writer()) { delete form.dataset.anyway; trato.sending.tell(''); trato.composer.name(); }
  }

  function beside(event) {                               // the first press says so, the second one sends
    const form = $('composer');
    if (event.detail.ctx.sourceElement !== form || form.dataset.mode === 'note' || form.dataset.anyway || !writer()) return;
    form.dataset.anyway = 'yes';
    trato.composer.name();
    trato.sending.tell(writer().lastElementChild.textContent.trim());
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  document.addEventListener('input', event => event.target.id === 'composer-text' && event.isTrusted && write());
  document.addEventListener('htmx:config:request', beside);
  document.addEventListener('visibilitychange', look);
  document.addEventListener('htmx:after:swap', () => { hideMe(); look(); });
  setInterval(() => { look(); if (at && doing === 'viewing') tell('viewing'); }, 5000);
  addEventListener('pagehide', leave);
  addEventListener('pageshow', look);
  look();
})();
