// Says what was read: only when the tab is visible, the end of the timeline is in view and a second has passed.
(() => {
  const LOOKED = 1000, NEAR = 100;
  let waiting, told = { id: null, revision: 0 };

  function newest(list) {
    let revision = 0;
    for (const entry of list.children) if (entry.dataset.direction === 'in') revision = Math.max(revision, Number(entry.dataset.revision));
    return revision;
  }

  function tell() {
    const list = document.getElementById('timeline'), log = document.getElementById('log');
    if (!list || document.hidden || log.scrollTop < -NEAR || !log.checkVisibility()) return;
    const id = list.dataset.id, revision = newest(list);
    if (!revision || (told.id === id && told.revision >= revision)) return;
    told = { id, revision };
    htmx.ajax('POST', `/c/${id}/read`, { source: list, target: list, swap: 'none', values: { revision } });
  }

  const look = () => { clearTimeout(waiting); waiting = setTimeout(tell, LOOKED); };
  for (const event of ['htmx:after:swap', 'visibilitychange']) document.addEventListener(event, look);
  document.addEventListener('scroll', event => event.target.id === 'log' && look(), { capture: true, passive: true });
  addEventListener('pageshow', look);
})();
