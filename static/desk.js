// Holds the panes together: which row is open, where focus goes, what the address says, and the clients' clocks.
(() => {
  const $ = id => document.getElementById(id);
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  let opened = $('conversation')?.dataset.id, listed = $('queue-list')?.dataset.topic, pointed = true;

  function select() {
    const id = $('conversation')?.dataset.id;
    for (const link of document.querySelectorAll('.row-link')) {
      if (link.parentElement.dataset.id === id) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
    }
  }

  function arrive(event) {
    const id = $('conversation')?.dataset.id;
    select();
    tick();                                              // before anything asks how the page looks: that would style it twice
    if (id !== opened) {
      opened = id;
      delete document.body.dataset.pane;
      const link = event.detail.ctx.sourceElement, row = link?.matches?.('.row-link') && link;
      if (row && !pointed && row === document.activeElement && row.checkVisibility({ visibilityProperty: true })) trato.keys.say($('client-name')?.textContent ?? '');
      else if (row || link?.hasAttribute?.('data-enters') || !document.activeElement?.isConnected) $('client-name')?.focus({ preventScroll: true });
    }
  }

  function show(view) {                                  // a reload keeps the list that was chosen, and its length
    const url = new URL(location.href);
    url.searchParams.set('view', view);
    if (url.href !== location.href) history.replaceState(history.state, '', url);
  }

  function tick() {
    const now = new Date(Date.now() + skew), lang = document.documentElement.lang;
    for (const clock of document.querySelectorAll('time[data-zone]')) {
      try { clock.textContent = new Intl.DateTimeFormat(lang, { timeZone: clock.dataset.zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(now); }
      catch { /* a zone this browser does not know keeps the server's time */ }
    }
  }

  document.addEventListener('htmx:after:swap', event => {
    const topic = $('queue-list')?.dataset.topic;
    if (topic && topic !== listed) { listed = topic; show(topic.slice('queue:'.length)); }
    arrive(event);
  });
  document.addEventListener('click', event => {
    if (event.target.closest?.('.row-link')) pointed = event.detail > 0;   // opened by keyboard: the list keeps the focus, J goes on
    if (event.target.closest?.('[data-back]')) {         // narrow screens: one pane at a time, the conversation stays as it is
      event.preventDefault();
      document.body.dataset.pane = 'queue';
      document.querySelector('.row-link[aria-current]')?.focus();
    } else if (event.target.closest?.('.row-link[aria-current]')) delete document.body.dataset.pane;
  });
  setInterval(tick, 10000);
  tick();
})();
