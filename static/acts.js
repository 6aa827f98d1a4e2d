// What happens around an act: its menu opens and closes, its toast stays for six seconds and its key for ten minutes, what fits no mention hides.
(() => {
  const STAYS = 6000, KEPT = 600000 - STAYS;             // as long as the server takes it back
  const $ = id => document.getElementById(id);
  let hide, opener, press, armed, told;

  function arm() {                                       // focus and pointer keep a toast, so that nobody has to hurry
    clearTimeout(hide);
    if ($('undo')?.firstElementChild) hide = setTimeout(clear, STAYS);
  }

  function clear() {                                     // out of sight, and still there for the key, for Tab and for who listens
    const host = $('undo'), toast = host.firstElementChild;
    if (host.matches(':hover') || host.contains(document.activeElement)) return arm();
    if (!toast?.querySelector('#undo-act') || toast.classList.contains('past')) return host.replaceChildren();
    toast.classList.add('past');
    hide = setTimeout(clear, KEPT);
  }

  function reveal() {
    const dialog = $('act-dialog'), kept = dialog.querySelector('[data-kept]');
    if (kept) kept.hidden = !draft();
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector('[aria-current], [data-number], input[type=radio], input:not([type=hidden])') ?? dialog).focus();
  }

  function close() {
    if ($('act-dialog').open) $('act-dialog').close();
  }

  function mark() {                                      // only who was mentioned here has something to finish
    const item = $('act-mentions'), id = $('header')?.dataset.id;
    if (item && id) item.hidden = ![...document.querySelectorAll('#notice-list > [data-kind=mention]')].some(one => one.dataset.conversation === id);
    const toast = $('undo').firstElementChild;
    toast?.querySelector('.toast-who')?.classList.toggle('vh', toast.dataset.of === id);   // whose it was is said where another is on the screen
    if (toast && toast !== armed) { armed = toast; arm(); }
  }

  const draft = () => { const form = $('composer'); return (trato.sending.filled() || form?.aside?.value.trim()) && `${form.dataset.id} ${form.text.value}`; };
  const held = () => trato.flight.on($('composer')) ? 'on its way' : [...document.querySelectorAll('#timeline .hold[data-due]')].map(one => one.closest('.entry').id).join();
  const DOUBTS = { close: ['draft', draft], 'wrong-person': ['held', held] };   // half an answer, most often forgotten; one that would be stopped
  document.addEventListener('htmx:config:request', event => {   // pressed once, an act that nobody would have meant like this tells of it first
    const { request, sourceElement } = event.detail.ctx, act = request.action.split('/').at(-1), [why, what] = DOUBTS[act] ?? [];
    const here = request.method === 'POST' && request.action === `/c/${$('composer')?.dataset.id}/${act}` && what?.();
    if (!here || `${act} ${here}` === told || sourceElement.closest?.('#act-dialog')) return;
    told = `${act} ${here}`;
    event.preventDefault();
    event.stopPropagation();                             // before lane.js would wait for its answer
    trato.keys.explain($('undo').dataset[why]);
  }, true);
  document.addEventListener('htmx:config:request', event => {   // what was on the screen when this was pressed: a word that came since is not put away unread
    const { request } = event.detail.ctx, list = $('timeline');
    if (request.method === 'POST' && ['close', 'snooze', 'wrong-person'].some(act => request.action === `/c/${list?.dataset.id}/${act}`)) request.body.set('seen', list.dataset.seen);
    if (!request.action.startsWith('/next')) return;
    request.body.set('client_token', press ??= crypto.randomUUID());   // until an answer is here, it is the same press
    if ($('header')) request.body.set('here', $('header').dataset.id);
  });
  document.addEventListener('htmx:after:swap', event => {
    if (event.detail.ctx?.target?.id === 'act-menu') reveal();
    mark();
  });
  document.addEventListener('htmx:after:request', event => {
    const { sourceElement, request, response } = event.detail.ctx;
    if (request.action.startsWith('/next')) press = undefined;
    if (sourceElement?.id === 'composer' && response?.status === 200) $('undo').replaceChildren();   // one key takes back the last thing that was done
    if (sourceElement?.closest?.('#undo') && request.method === 'POST') $('undo').replaceChildren();
    if (sourceElement?.matches?.('[data-closes]') && response.status < 400) close();
    if (sourceElement?.closest?.('#more-acts')) $('more-acts').hidePopover();
    if (sourceElement?.closest?.('#notices') && response.status < 400) $('notices').hidePopover();
  });
  document.addEventListener('click', event => {
    if (event.target.closest?.('[data-act-menu]')) opener = document.activeElement;
    if (event.target.closest?.('[data-dismiss-act]')) close();
  });
  document.addEventListener('keydown', event => {        // in a menu of choices the numbers choose
    const dialog = event.target.closest?.('#act-dialog[open]');
    if (!dialog || event.target.matches('input:not([type=radio]), textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
    const choice = dialog.querySelector(`[data-number="${CSS.escape(event.key)}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.click();
  });
  document.addEventListener('toggle', event => {         // who opens the bell has seen what is in it
    if (event.target.id !== 'notices' || event.newState !== 'open') return;
    $('notice-list').querySelector('a, button')?.focus();
    if (Number($('bell-count').dataset.count)) htmx.ajax('POST', '/me/notices/seen', { source: $('bell'), target: $('bell'), swap: 'none' });
  }, true);
  $('act-dialog').addEventListener('close', () => opener?.isConnected && opener.focus({ preventScroll: true }));
  addEventListener('live:applied', event => event.detail === 'me' && mark());
  mark();
})();
