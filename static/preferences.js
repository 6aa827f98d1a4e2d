// An agent's choices: kept at once, followed in every open tab, and a page in another language without losing anything.
(() => {
  const $ = id => document.getElementById(id);
  const tabs = new BroadcastChannel(`preferences:${document.body.dataset.agent}`);
  let shell = $('shell'), waiting = null, asked = false, renews = false;

  function follow() {                                    // the page brings what is chosen in #shell; here it is put on
    if (!shell || $('shell') === shell) return;
    shell = $('shell');
    document.body.dataset.density = shell.dataset.density;
    $('pref-remap').value = '';
    dispatchEvent(new Event('preferences'));
    renews = shell.dataset.language !== document.documentElement.lang || shell.dataset.zone !== document.body.dataset.zone;
    renew();
  }

  function renew() {                                     // a form that somebody is at in this window is finished first
    if (renews && !document.querySelector('dialog[open]:not(#preferences, #keys)')) trato.renew();
  }

  function send(remap) {
    $('pref-remap').value = remap;
    $('pref-remap').dispatchEvent(new Event('change', { bubbles: true }));
  }

  function hold(button) {                                // the next key is this action's
    waiting?.classList.remove('waiting');
    waiting = button;
    if (!button) return;
    button.classList.add('waiting');
    trato.keys.say($('pref-keys-hint').dataset.wait);
    $('pref-keys-hint').textContent = $('pref-keys-hint').dataset.wait;
  }

  async function permit(box) {                           // a notice needs the browser's leave before anything is kept
    const allowed = 'Notification' in window && await Notification.requestPermission() === 'granted';
    $('pref-notify-problem').textContent = allowed ? '' : $('pref-notify-problem').dataset.denied;
    box.checked = asked = allowed;
    if (allowed) box.dispatchEvent(new Event('change', { bubbles: true }));
  }

  addEventListener('keydown', event => {
    if (!waiting || event.ctrlKey || event.metaKey || event.altKey || trato.keys.typing(event) || event.key === 'Tab' || ['Shift', 'Control', 'Alt', 'AltGraph', 'Meta'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    const action = waiting.dataset.remap;
    hold(null);
    if (event.key !== 'Escape') send(`${action}=${event.key.toLowerCase()}`);
  }, true);
  document.addEventListener('focusout', event => event.target === waiting && hold(null));
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-remap], [data-remap-to], button[data-language]');
    if (!button) return;
    if (button.dataset.remap) hold(button);
    else if (button.dataset.remapTo) send(button.dataset.remapTo);
    else { $(`pref-language-${button.dataset.language}`).checked = true; send(''); }
  });
  document.addEventListener('change', event => {
    const { target } = event;
    if (target.id !== 'pref-notify' || !target.checked || asked) return void (asked = false);
    event.stopPropagation();
    permit(target);
  }, true);
  document.addEventListener('close', renew, true);
  document.addEventListener('htmx:after:swap', follow);
  document.addEventListener('htmx:after:request', event => {
    const { request, response } = event.detail.ctx;
    if (request.action === '/me/preferences' && request.method === 'POST' && response?.status === 200) tabs.postMessage('changed');
  });
  tabs.onmessage = () => htmx.ajax('GET', '/me/preferences', { source: '#preferences-body', target: '#preferences-body', swap: 'outerMorph' });
  addEventListener('live:rights', () => tabs.onmessage());
  if (shell) document.body.dataset.density = shell.dataset.density;
})();
