// Leads through a long story: what came before and after, a day, a quoted message, the end; and lets go of the far end of a long page.
(() => {
  const MOST = 320;
  const $ = id => document.getElementById(id);
  const base = () => `/c/${$('story').dataset.id}/entries`;
  let busy = null, asked = 0;

  async function ask(query, target, swap) {              // one part at a time; what is read aloud waits until it is there
    const story = $('story'), log = $('log');
    if (!story || busy) return false;
    log.setAttribute('aria-busy', 'true');
    busy = htmx.ajax('GET', `${base()}?${new URLSearchParams(query)}`, { source: log, target, swap });
    try { await busy; } finally { busy = null; $('log')?.removeAttribute('aria-busy'); }
    return true;
  }

  function neighbours(side) {
    const edge = side === 'before' ? $('timeline').firstElementChild : $('timeline').lastElementChild;
    if (!edge || $(side === 'before' ? 'older-button' : 'newer-button').hidden) return;
    const { at, position, id } = edge.dataset;
    return ask({ [side]: `${at}.${position}`, beside: id, show: $('story').dataset.show }, '#timeline', 'none');
  }

  async function part(query) {                           // of what was asked for while a part is on its way, the last; false where it was overtaken
    const turn = ++asked, id = $('story')?.dataset.id;
    while (busy) await busy.catch(() => {});
    const story = $('story')?.dataset;
    return turn === asked && !!id && story?.id === id && ask({ show: story.show, ...query }, '#story', 'outerHTML');
  }

  const end = (show = $('story').dataset.show) => part({ show });
  const past = () => $('newer-button')?.hidden === false;
  const filtered = () => !['all', 'messages'].includes($('story').dataset.show);   // messages are not shown

  function trim(near) {                                  // `near` is the entry that the eye is on
    const list = $('timeline'), rows = [...list.children], extra = rows.length - MOST;
    if (extra <= 0) return;
    const early = near && rows.indexOf(near) < rows.length / 2;
    const gone = early ? rows.slice(-extra) : rows.slice(0, extra);
    $(early ? 'newer-button' : 'older-button').hidden = false;
    if (gone.some(row => row.contains(document.activeElement))) $('log').focus({ preventScroll: true });
    for (const row of gone) row.remove();
  }

  function point(entry, block = 'center', enters = true) {   // shows where it is, and lets the keyboard go on from there
    entry.tabIndex = -1;
    entry.scrollIntoView({ block });
    if (enters) entry.focus({ preventScroll: true });
    entry.classList.add('pointed');
    setTimeout(() => entry.classList.remove('pointed'), 2000);
  }

  async function go(id, place) {
    if (!$(`e-${id}`)?.checkVisibility() && !await part({ around: place, show: 'all' })) return;
    const entry = $(`e-${id}`);
    if (entry) point(entry);
  }

  async function day(on, enters) {
    const entry = await part({ on }) && $(`e-${$('story')?.dataset.anchor}`);
    if (entry) point(entry, 'start', enters);
  }

  Object.assign(trato, { story: { end, past, filtered, trim, neighbours, part, day } });
  document.addEventListener('click', event => {
    const loader = event.target.closest?.('[data-loads]'), quote = event.target.closest?.('[data-goes]');
    if (loader) neighbours(loader.dataset.loads).then(() => document.activeElement === document.body && $('log').focus({ preventScroll: true }));
    if (quote) { event.preventDefault(); go(quote.dataset.goes, quote.dataset.place); }
  });
  addEventListener('story:shifted', () => setTimeout(() => $('story') && end()));   // people were merged or parted: entries came or went
})();
