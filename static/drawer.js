// The client's panel on narrow screens: D opens and closes it, its own button closes it, and so does Back.
(() => {
  const MOMENT = 300;                                    // within which a step in the history is still ours
  const $ = id => document.getElementById(id);
  const drawn = () => $('context')?.matches(':popover-open');
  let open = false, stepped = 0;

  function toggle() {
    const box = $('context');
    if (matchMedia('(max-width: 1279.98px)').matches) return box.togglePopover();
    if (box.contains(document.activeElement)) $('client-name')?.focus(); else box.focus();
  }

  document.addEventListener('toggle', event => {         // an entry of the history, so that Back has something to go back from
    if (event.target.id !== 'context') return;
    if (event.newState === 'open') { open = true; history.pushState({ drawer: true }, ''); event.target.focus({ preventScroll: true }); }
    else if (open) { open = false; stepped = Date.now(); if (history.state?.drawer) history.back(); }
  }, true);
  addEventListener('popstate', () => {
    if (!drawn() || history.state?.drawer) return;
    open = false; stepped = Date.now();
    $('context').hidePopover();
  });
  document.addEventListener('htmx:before:history:restore', event => {   // the page itself did not change: nothing to fetch
    if (Date.now() - stepped < MOMENT) event.preventDefault();
  });
  trato.keys.on('context', toggle, () => !!$('panel')?.dataset.id);
})();
