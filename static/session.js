// The end of a session: told two minutes before, and when it is over nothing of a client can be read behind the dialog.
(() => {
  const WARNING = 120, LONGEST = 2 ** 31 - 1;
  const $ = id => document.getElementById(id);
  const ends = Date.now() + Number($('shell')?.dataset.left ?? 0) * 1000;
  let timer;

  function over() {
    const dialog = $('signed-out'), here = encodeURIComponent(location.pathname + location.search);
    if (!dialog || dialog.open) return;
    for (const other of document.querySelectorAll('dialog[open]')) other.close();
    document.querySelector(':popover-open')?.hidePopover();
    dialog.querySelector('[data-returns]').href = `/sign-in?next=${here}`;
    document.title = 'Trato';                            // a client's name stands in titles
    document.body.toggleAttribute('data-locked', true);
    dialog.showModal();
  }

  function count() {
    const left = Math.ceil((ends - Date.now()) / 1000), dialog = $('session-ending');
    if (!dialog?.open) return clearInterval(timer);
    if (left <= 0) { clearInterval(timer); dialog.close(); return over(); }
    dialog.querySelector('[data-countdown]').textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  }

  function warn() {
    const dialog = $('session-ending');
    if (!dialog || $('signed-out').open || ends - Date.now() <= 0) return;
    dialog.querySelector('[data-returns]').href = `/sign-in?again=1&next=${encodeURIComponent(location.pathname + location.search)}`;
    dialog.showModal();                                  // above whatever form is open, which stays as it is
    timer = setInterval(count, 500);
    count();
  }

  addEventListener('live:login', over);
  document.addEventListener('cancel', event => event.target.id === 'signed-out' && event.preventDefault(), true);
  document.addEventListener('close', event => event.target.id === 'signed-out' && event.target.showModal(), true);   // a second Esc is not asked
  document.addEventListener('htmx:before:response', event => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault();
    over();
  });
  const wait = ends - Date.now() - WARNING * 1000;
  if ($('shell') && wait < LONGEST) setTimeout(warn, Math.max(0, wait));
})();
