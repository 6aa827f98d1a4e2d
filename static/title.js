// The tab says how much waits: a number before its title and a dot on its icon.
(() => {
  const $ = id => document.getElementById(id);
  const icon = document.querySelector('link[rel=icon][data-dot]'), plain = icon?.href;

  function count() {
    const state = $('me-state')?.dataset;
    return state && !$('signed-out')?.open ? Number(state.unread) + Number(state.unseen) : 0;
  }

  function tell() {
    const waiting = count(), name = document.title.replace(/^\(\d+\+?\) /, ''), title = waiting ? `(${waiting > 99 ? '99+' : waiting}) ${name}` : name;
    if (document.title !== title) document.title = title;
    const wanted = waiting ? icon?.dataset.dot : plain;
    if (icon && icon.getAttribute('href') !== wanted && icon.href !== wanted) icon.href = wanted;
  }

  document.addEventListener('htmx:after:swap', tell);
  addEventListener('live:applied', tell);
  const titled = document.querySelector('title');
  if (titled) new MutationObserver(tell).observe(titled, { childList: true });
  tell();
})();
