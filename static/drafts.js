// Keeps what is being typed: at once in this tab, half a second later on the server, and in the agent's other tabs.
//
// The tab's own copy holds only what the server has not confirmed. It wins when a form is new on the page, unless the server's draft was written
// later and elsewhere. A copy with a token is of a sending whose outcome is unknown: sent again it is the same message (static/flight.js).
(() => {
  const PAUSE = 500, SKEW = 2000;
  const $ = id => document.getElementById(id);
  const skew = Number(document.body.dataset.now) * 1000 - Date.now();   // the product's time, not this computer's
  const key = id => `draft:${document.body.dataset.agent}:${id}`;
  const read = id => { try { return JSON.parse(sessionStorage.getItem(key(id))); } catch { return null; } };
  const store = (id, draft) => { try { draft ? sessionStorage.setItem(key(id), JSON.stringify(draft)) : sessionStorage.removeItem(key(id)); } catch { /* full or barred: the field still holds it */ } };
  const tabs = new BroadcastChannel(`drafts:${document.body.dataset.agent}`);
  const current = form => ({ text: form.text.value, aside: form.aside.value, channel: form.channel.value, mode: form.dataset.mode, later: trato.later.of(form), tried: { message: form.dataset.triedMessage, note: form.dataset.triedNote }, at: Date.now() + skew, places: places(form).map(input => [input.name, input.value]) });
  const busy = form => form.contains(document.activeElement) && document.hasFocus();
  const places = form => [...form.querySelectorAll('.place input')];
  const unknown = draft => draft?.tried?.message || draft?.tried?.note;   // whether something of it may have gone
  let waiting;

  function fill(form, draft) {
    form.text.value = draft.text;
    form.aside.value = draft.aside ?? '';
    if (draft.later) trato.later.show(form, ...draft.later);
    if (draft.channel) form.channel.value = draft.channel;
    if (draft.mode) form.dataset.mode = draft.mode;
    for (const input of places(form)) {
      const [, value] = draft.places?.find(([name]) => name === input.name) ?? [];
      if (value !== undefined && value !== input.value) { input.value = value; input.dispatchEvent(new Event('input', { bubbles: true })); }
    }
    if (!unknown(draft)) return;
    for (const [name, token] of [['triedMessage', draft.tried.message], ['triedNote', draft.tried.note]]) if (token) form.client_token.value = form.dataset[name] = token;
    trato.sending.tell($('composer-problem').dataset.unreachable);
  }

  async function fetch(form) {                           // whole, as the server has it; what this tab has seen of the conversation stays
    const { id } = form.dataset, seen = form.seen_revision.value;
    await htmx.ajax('GET', `/c/${id}`, { source: '#say', target: form, select: '#composer', swap: 'outerHTML' });
    if ($('composer')?.dataset.id === id && $('composer').text) $('composer').seen_revision.value = seen;
  }

  const same = (draft, sent) => draft?.text === sent.get('text') && draft.aside === sent.get('aside') && draft.mode === sent.get('mode') && draft.later[0] === sent.get('not_before') && draft.places.every(([name, value]) => sent.get(name) === value);

  function save(form) {
    clearTimeout(waiting);
    waiting = undefined;
    if (!form?.isConnected || !form.text || form.hasAttribute('aria-busy') || trato.flight.on(form)) return;   // the answer lets it be kept
    return htmx.ajax('POST', `/c/${form.dataset.id}/draft`, { source: '#hints', target: '#hints', swap: 'innerMorph' });
  }

  function touch(form = $('composer')) {
    if (!form?.text) return;
    const draft = current(form);
    store(form.dataset.id, draft);
    tabs.postMessage({ ...draft, id: form.dataset.id, tried: undefined });
    clearTimeout(waiting);
    waiting = setTimeout(save, PAUSE, form);
  }

  trato.drafts = {
    restore(form) {
      const recalled = trato.modes.recall(form), draft = read(form.dataset.id), { draft: at, draftBy: by } = form.dataset;
      if (recalled) waiting = setTimeout(save, PAUSE, form);
      else if (draft && (unknown(draft) || by === trato.tab || at * 1000 < draft.at + SKEW)) { fill(form, draft); if (!unknown(draft)) waiting = setTimeout(save, PAUSE, form); }
    },
    read, store, current, fill, touch,
    stop: () => { clearTimeout(waiting); waiting = undefined; },
    save: () => save($('composer')),
    keep: async () => { await save($('composer')); tabs.postMessage({ id: $('composer')?.dataset.id, fetch: true }); },   // at once: other tabs fetch the whole draft
  };

  document.addEventListener('input', event => event.isTrusted && event.target.matches('#composer-text, .place input, .to select') && touch(event.target.form));
  tabs.onmessage = ({ data }) => {                       // the same conversation in another tab: the one that is typed in leads
    const form = $('composer');
    if (form?.dataset.id !== data.id || !form.text || busy(form) && form.text.value.trim()) return;
    if (data.fetch) return void fetch(form);
    store(data.id, null);
    fill(form, data);
    trato.composer.write(data.mode);
    trato.composer.changed();
  };
  document.addEventListener('htmx:after:request', event => {
    const { request, response } = event.detail.ctx, done = request.action.match(/^\/c\/([^/]+)\/(messages|notes|draft|messages\/[^/]+\/(?:take-back|again))$/);
    if (!done || request.method !== 'POST') return;
    const [, id, what] = done, draft = read(id);
    if (what === 'draft') return void (response.status === 200 && !unknown(draft) && same(draft, request.body) && store(id, null));
    if (response.status !== 200) return;
    if (what.includes('/')) store(id, null);             // it comes with the answer
    tabs.postMessage({ id, fetch: true });
  });
  addEventListener('pagehide', () => {                   // an ordinary request would end with the page
    const form = $('composer'), csrf = document.querySelector('[name=_csrf]')?.value;
    if (waiting === undefined || !form?.text || !csrf) return;
    const body = new URLSearchParams(new FormData(form));
    body.set('_csrf', csrf);
    navigator.sendBeacon(`/c/${form.dataset.id}/draft`, body);
  });
  document.addEventListener('submit', event => event.target.matches('[data-forgets]') && sessionStorage.clear());
})();
