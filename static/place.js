// The swap style "place" and the order of lists: what is there is changed in place, what is new takes its place.
//
// Each incoming element is found by its id. If it is on the page it is morphed (focus, caret and scroll survive), unless the page already
// shows a later data-revision: an answer may be older than a live frame that overtook it. If it is new it is inserted by data-position,
// or at the end where order is given otherwise (see arrange). What lies before the part of a story that is on the page stays away until it
// is asked for ("place older:true"), so that there is never a gap.
(() => {
  window.trato = {};
  let morph;

  const stale = (here, incoming) => Number(incoming.dataset.revision) < Number(here.dataset.revision);

  function change(here, incoming) {
    if (stale(here, incoming)) return here;
    const fragment = document.createDocumentFragment();
    fragment.append(incoming);
    morph(here, fragment, false);
    return document.getElementById(here.id);
  }

  const before = (target, position) => position < Number(target.firstElementChild?.dataset.position) && document.getElementById('older-button');

  function insert(target, incoming, older) {
    const position = Number(incoming.dataset.position);
    if (!older && before(target, position)) return null;
    let next = null;
    for (let child = target.lastElementChild; child && Number(child.dataset.position) > position; child = child.previousElementSibling) next = child;
    target.insertBefore(incoming, next);
    return incoming;
  }

  htmx.registerExtension('place', {
    init: api => { morph = api.morph; },
    handle_swap: (style, target, fragment, { older }) => {
      if (style !== 'place') return;
      return [...fragment.children].map(incoming => {
        const here = document.getElementById(incoming.id);
        return here ? change(here, incoming) : insert(target, incoming, older);
      }).filter(Boolean);
    },
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
