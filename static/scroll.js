// Keeps the eye where it was: at the end it stays at the end, anywhere else nothing moves and a pill says what is new below.
//
// The log is a reversed flex column: scrollTop is 0 at the end and negative above, so the first paint is at the end without a script.
(() => {
  const NEAR = 100, TOP = 160;
  let before = null, unread = 0;
  const log = () => document.getElementById('log');
  const atEnd = box => box.scrollTop > -NEAR;

  function pill() {
    const button = document.getElementById('news');
    if (!button) return;
    button.hidden = unread === 0;
    document.getElementById('news-text').textContent = unread === 1 ? button.dataset.one : button.dataset.many.replace('{n}', unread);
  }

  function remember() {
    const box = log(), list = document.getElementById('timeline');
    if (!box) return void (before = null);
    const edge = box.getBoundingClientRect().top;
    const entry = [...list.children].find(child => child.getBoundingClientRect().bottom > edge);
    before = { box, list, entry, top: entry?.getBoundingClientRect().top, end: atEnd(box), last: list.lastElementChild };
  }

  function count(last) {
    let fresh = 0;
    for (let entry = last?.nextElementSibling; entry; entry = entry.nextElementSibling) fresh += entry.classList.contains('message') ? 1 : 0;
    return fresh;
  }

  function restore(event) {
    const box = log(), sent = event.detail.ctx.sourceElement?.id === 'composer';
    if (!box || box !== before?.box) { unread = 0; return pill(); }
    if (before.end || sent) { box.scrollTop = 0; unread = 0; return pill(); }
    if (before.entry?.isConnected) box.scrollTop += before.entry.getBoundingClientRect().top - before.top;
    unread += count(before.last);
    pill();
  }

  function older() {
    document.querySelector('#older-button:not(.htmx-request)')?.click();
  }

  document.addEventListener('htmx:before:swap', remember);
  document.addEventListener('htmx:after:swap', restore);
  document.addEventListener('scroll', event => {
    const box = event.target;
    if (box.id !== 'log') return;
    if (atEnd(box) && unread) { unread = 0; pill(); }
    if (box.scrollHeight - box.clientHeight + box.scrollTop < TOP && box.scrollTop < -NEAR) older();
  }, { capture: true, passive: true });
  document.addEventListener('click', event => {
    if (!event.target.closest?.('#news')) return;
    log().scrollTop = 0;
    log().focus({ preventScroll: true });
  });
  document.addEventListener('htmx:before:request', event => event.target.closest?.('#older') && log()?.setAttribute('aria-busy', 'true'));
  document.addEventListener('htmx:finally:request', () => log()?.removeAttribute('aria-busy'));
})();
