// The floor's page: the product's bytes put on the screen with as little as a browser can do, by the same keys.
(() => {
  const $ = id => document.getElementById(id);
  const put = (el, text) => { el.innerHTML = text; };
  const fetched = async url => (await fetch(url)).text();
  const links = () => [...document.querySelectorAll('.row-link')];

  function say(text) {
    const entry = $('timeline').lastElementChild.cloneNode(true);
    entry.querySelector('.text').textContent = text;
    $('timeline').append(entry);
  }

  const ACTS = {
    Enter: async () => put($('main'), await fetched(`/part/${window.floorPart}`)),
    j: () => { const all = links(); all[(all.indexOf(document.activeElement) + 1) % all.length].focus({ preventScroll: true }); },
    p: () => $('palette').showModal(),
    f: async () => { $('palette-found').outerHTML = await fetched('/found'); },
    s: async () => { await fetch('/store', { method: 'POST', body: window.floorText }); say(window.floorText); },
  };

  addEventListener('keydown', event => { if (ACTS[event.key]) { event.preventDefault(); ACTS[event.key](); } });
  addEventListener('click', event => { if (event.target.closest('.row-link')) { event.preventDefault(); ACTS.Enter(); } });
  window.floorListen = port => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    socket.onmessage = event => say(event.data.match(/#\d{8}#/)[0]);
    return new Promise(done => { socket.onopen = done; });
  };
})();
