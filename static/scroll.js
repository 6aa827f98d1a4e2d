// Keeps the eye where it was: at the end it stays at the end, anywhere else nothing moves and a pill says what is new below.
//
// The log is a reversed flex column: scrollTop is 0 at the end and negative above, so the first paint is at the end without a script.
(() => {
  const NEAR = 100, EDGE = 160;
  let before = null, unread = 0, beyond = new Set(), told = 0;
  const $ = id => document.getElementById(id);
  const log = () => $('log');
  const atEnd = box => box.scrollTop > -NEAR && !trato.story.past();

  function pill() {
    const button = $('news');
    if (!button) return;
    const fresh = unread + beyond.size, words = button.dataset;
    button.hidden = fresh === 0 && !trato.story.past();
    $('news-text').textContent = fresh === 0 ? words.end : fresh === 1 ? words.one : words.many.replace('{n}', fresh);
    if (fresh > told) trato.keys.say(`${$('client-name').textContent}: ${$('news-text').textContent}`);
    told = fresh;
  }

  function remember() {
    const box = log(), list = $('timeline');
    if (!box) return void (before = null);
    const edge = box.getBoundingClientRect().top;
    const entry = [...list.children].find(child => child.getBoundingClientRect().bottom > edge);
    before = { box, list, entry, top: entry?.getBoundingClientRect().top, end: atEnd(box), last: list.lastElementChild };
  }

  const counts = entry => entry.classList.contains('message') && entry.checkVisibility();

  function count(last) {
    let fresh = 0;
    for (let entry = last?.nextElementSibling; entry; entry = entry.nextElementSibling) fresh += counts(entry) ? 1 : 0;
    return fresh;
  }

  function restore(event) {
    const box = log(), source = event.detail.ctx.sourceElement, list = $('timeline');
    if (!box) return;
    if (box !== before?.box || list !== before.list) {    // another story, or another part of it
      unread = 0; beyond = new Set();
      if (box === before?.box) box.scrollTop = 0;         // a new box begins there, and asking it would lay out the page twice
      return pill();
    }
    const unseen = source?.id === 'composer' && event.detail.ctx.response?.status === 409 && trato.story.filtered();
    if (unseen || source?.id === 'composer' && trato.story.past()) return void trato.story.end(unseen ? 'all' : undefined);
    const asked = source?.id === 'log';
    if (!asked && (before.end || source?.id === 'composer')) {
      trato.story.trim(list.lastElementChild);
      box.scrollTop = 0; unread = 0;
      return pill();
    }
    if (!asked) unread += count(before.last);
    if (!trato.story.past()) beyond.clear();
    trato.story.trim(before.entry);
    if (before.entry?.isConnected) box.scrollTop += before.entry.getBoundingClientRect().top - before.top;
    pill();
  }

  addEventListener('story:beyond', event => {
    if (event.detail.classList.contains('message')) beyond.add(event.detail.id);
    pill();
  });
  document.addEventListener('htmx:before:swap', remember);
  document.addEventListener('htmx:after:swap', restore);
  document.addEventListener('scroll', event => {
    const box = event.target;
    if (box.id !== 'log') return;
    if (atEnd(box) && unread) { unread = 0; pill(); }
    if (box.scrollTop > -EDGE) trato.story.neighbours('after');
    else if (box.scrollHeight - box.clientHeight + box.scrollTop < EDGE) trato.story.neighbours('before');
  }, { capture: true, passive: true });
  document.addEventListener('click', async event => {
    if (!event.target.closest?.('#news')) return;
    if (trato.story.past()) await trato.story.end();
    log().scrollTop = 0;
    log().focus({ preventScroll: true });
  });
})();
