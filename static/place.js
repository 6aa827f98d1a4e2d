// The swap style "place" and the order of lists: what is there is changed in place, what is new takes its place.
//
// Each incoming element is found by its id. If it is on the page it is morphed (focus, caret and scroll survive), unless the page already
// shows a later data-revision: an answer may be older than a live frame that overtook it. If it is new it is inserted by data-at, then
// data-position, or at the end where order is given otherwise (see arrange). What lies beyond the part of a story that is on the page stays
// away until it is asked for ("place older:ID more:BOOL seen:REVISION", or newer:ID, beside the entry ID), so that there is never a gap.
(() => {
  window.trato = {};
  let morph;

  const stale = (here, incoming) => Number(incoming.dataset.revision) < Number(here.dataset.revision);
  const later = (one, other) => (one.dataset.at === other.dataset.at
    ? Number(one.dataset.position) > Number(other.dataset.position) : Number(one.dataset.at) > Number(other.dataset.at));
  const leads = id => document.getElementById(id)?.hidden === false;

  function change(here, incoming) {
    if (stale(here, incoming)) return here;
    const fragment = document.createDocumentFragment();
    fragment.append(incoming);
    morph(here, fragment, false);
    return document.getElementById(here.id);
  }

  function away(target, incoming) {                      // in a part of the story that is not on the page
    const { firstElementChild: first, lastElementChild: last } = target;
    if (target.id !== 'timeline' || !first) return false;
    if (later(first, incoming)) return leads('older-button');
    if (!later(incoming, last) || !leads('newer-button')) return false;
    dispatchEvent(new CustomEvent('story:beyond', { detail: incoming }));
    return true;
  }

  function insert(target, incoming) {
    let next = null;
    for (let child = target.lastElementChild; child && later(child, incoming); child = child.previousElementSibling) next = child;
    target.insertBefore(incoming, next);
    if ('shifts' in incoming.dataset) dispatchEvent(new Event('story:shifted'));
    return incoming;
  }

  function joins(target, { older, newer, more, seen }) { // neighbours that were asked for; false where the page has moved on meanwhile
    if (older) { if (target.firstElementChild?.dataset.id !== older) return false; document.getElementById('older-button').hidden = !more; }
    if (newer) { if (target.lastElementChild?.dataset.id !== newer) return false; document.getElementById('newer-button').hidden = !more; }
    target.dataset.seen = Math.min(target.dataset.seen, seen);   // what changed while they were on their way is asked for once more
    return true;
  }

  htmx.registerExtension('place', {
    init: api => { morph = api.morph; },
    handle_swap: (style, target, fragment, spec) => {
      if (style !== 'place') return;
      const asked = spec.older || spec.newer;
      if (asked && !joins(target, spec)) return [];
      return [...fragment.children].map(incoming => {
        const here = document.getElementById(incoming.id);
        if (here) return change(here, incoming);
        return !asked && away(target, incoming) ? null : insert(target, incoming);
      }).filter(Boolean);
    },
  });

  // An answer that brings a new composer may be older than a live frame that overtook it: what changed since then is asked for once more.
  let strip;
  document.addEventListener('htmx:after:swap', () => {
    const { channels, timeline } = Object.fromEntries(['channels', 'timeline'].map(id => [id, document.getElementById(id)]));
    if (channels && channels !== strip && timeline?.dataset.id === channels.dataset.id) joins(timeline, { seen: channels.dataset.revision });
    strip = channels;
  });

  const move = (list, row, before) => list.moveBefore ? list.moveBefore(row, before) : list.insertBefore(row, before);

  function drop(row, kept) {
    if (row.contains(document.activeElement)) {          // focus goes to the nearest row that stays, never to the page
      let near = row;
      do near = near.nextElementSibling; while (near && !kept.has(near.dataset.id));
      if (!near) { near = row; do near = near.previousElementSibling; while (near && !kept.has(near.dataset.id)); }
      near?.querySelector('a')?.focus({ preventScroll: true });
    }
    row.remove();
  }

  // Gives the list exactly these rows in this order; false when one of them is not on the page.
  window.trato.arrange = (list, ids) => {
    const kept = new Set(ids), focused = document.activeElement;
    for (const row of [...list.children]) if (!kept.has(row.dataset.id)) drop(row, kept);
    const rows = new Map([...list.children].map(row => [row.dataset.id, row]));
    let next = list.firstElementChild;
    for (const id of ids) {
      const row = rows.get(id);
      if (!row) return false;
      if (row === next) next = next.nextElementSibling; else move(list, row, next);
    }
    if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true });
    return true;
  };
})();
