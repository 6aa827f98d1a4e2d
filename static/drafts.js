// Keeps what is being typed: at once in this tab, half a second later on the server, and in the agent's other tabs.
//
// The tab's own copy holds only what the server has not confirmed, so it wins when a form is new on the page; everything else is the server's.
(() => {
  const PAUSE = 600;
  const $ = id => document.getElementById(id);
  const key = id => `draft:${document.body.dataset.agent}:${id}`;
  const read = id => { try { return JSON.parse(sessionStorage.getItem(key(id))); } catch { return null; } };
  const store = (id, draft) => { try { draft ? sessionStorage.setItem(key(id), JSON.stringify(draft)) : sessionStorage.removeItem(key(id)); } catch { /* full or barred: the field still holds it */ } };
  const tabs = new BroadcastChannel(`drafts:${document.body.dataset.agent}`);
  const current = form => ({ text: form.text.value, channel: form.channel.value, mode: form.dataset.mode, token: form.dataset.tried });
  let waiting;

  function fill(form, draft) {
    form.text.value = draft.text;
    if (draft.channel) form.channel.value = draft.channel;
    if (draft.mode) form.dataset.mode = draft.mode;
    if (draft.token) form.client_token.value = form.dataset.tried = draft.token;
  }

  function save(form) {
    clearTimeout(waiting);
    if (!form?.isConnected || form.hasAttribute('aria-busy')) return;
    htmx.ajax('POST', `/c/${form.dataset.id}/draft`, { source: '#hints', target: '#hints' });
  }

  window.trato.drafts = {
    restore(form) {
      const draft = read(form.dataset.id);
      if (draft && (draft.token || !form.text.value || draft.text)) fill(form, draft);
    },
    trying(form) {
      clearTimeout(waiting);
      form.dataset.tried = form.client_token.value;
      store(form.dataset.id, current(form));
    },
    save: () => save($('composer')),
  };

  document.addEventListener('input', event => {
    const form = event.target.closest?.('#composer');
    if (!form || !event.isTrusted) return;
    const draft = current(form);
    store(form.dataset.id, draft);
    tabs.postMessage({ id: form.dataset.id, ...draft, token: undefined });
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE, form);
  });
  tabs.onmessage = ({ data }) => {                       // the same conversation in another tab: the one that is typed in leads
    const form = $('composer');
    if (form?.dataset.id !== data.id || form.contains(document.activeElement) && document.hasFocus()) return;
    fill(form, data);
    trato.composer.write(data.mode);
    form.text.dispatchEvent(new Event('input', { bubbles: true }));
  };
  document.addEventListener('htmx:after:request', event => {
    const { request, response } = event.detail.ctx, done = request.action.match(/^\/c\/([^/]+)\/(messages|notes|draft)$/);
    if (!done || request.method !== 'POST') return;
    const [, id, what] = done, form = $('composer');
    if (what === 'draft') return void (response.status === 200 && form?.dataset.id === id && read(id)?.text === form.text.value && !form.dataset.tried && store(id, null));
    if (![200, 409, 422].includes(response.status)) return;
    store(id, null);                                     // known: it went, or it was refused and comes back in the answer
    if (response.status === 200) tabs.postMessage({ id, text: '', mode: 'message' });
  });
  addEventListener('pagehide', () => save($('composer')));
  document.addEventListener('submit', event => event.target.matches('[data-forgets]') && sessionStorage.clear());
})();
