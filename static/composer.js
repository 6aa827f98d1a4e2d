// Guards what is being typed and sends it once: a draft per conversation, one token until a sending is known to have worked.
(() => {
  const $ = id => document.getElementById(id);
  const key = id => `draft:${document.body.dataset.agent}:${id}`;
  const read = id => { try { return JSON.parse(sessionStorage.getItem(key(id))); } catch { return null; } };
  const keep = (id, draft) => { try { draft ? sessionStorage.setItem(key(id), JSON.stringify(draft)) : sessionStorage.removeItem(key(id)); } catch { /* full or barred: the field still holds it */ } };
  const current = form => ({ text: form.text.value, channel: form.channel.value, token: form.dataset.tried });
  let form = null, typing = false;

  function choose(wanted) {                              // the strip may be newer than the choice: a channel that closed is left
    const open = [...form.querySelectorAll('[data-channel]:not([aria-disabled])')].map(button => button.dataset.channel);
    const channel = open.includes(wanted) ? wanted : open[0] ?? '';
    form.channel.value = channel;
    for (const button of form.querySelectorAll('[data-channel]')) button.setAttribute('aria-pressed', String(button.dataset.channel === channel));
    channel ? $('send').removeAttribute('aria-disabled') : $('send').setAttribute('aria-disabled', 'true');
  }

  function adopt() {                                     // a form that is new on the page gets its draft back
    const here = $('composer');
    if (!here) return void (form = null);
    if (here !== form) {
      form = here;
      const draft = read(form.dataset.id);
      if (draft && !form.text.value) form.text.value = draft.text;
      if (draft?.token) form.client_token.value = form.dataset.tried = draft.token;
      if (draft?.channel) form.channel.value = draft.channel;
      if (typing) form.text.focus();
      form.text.dispatchEvent(new Event('input', { bubbles: true }));
    }
    choose(form.channel.value);
  }

  const complain = (ctx, kind) => {
    const problem = $('composer-problem');
    if (ctx?.sourceElement?.id === 'composer' && problem) problem.textContent = problem.dataset[kind];
  };

  document.addEventListener('input', event => {
    if (event.target.id !== 'composer-text') return;
    if (event.isTrusted) { $('composer-problem').textContent = ''; form.text.setAttribute('aria-invalid', 'false'); }
    keep(form.dataset.id, event.target.value || form.dataset.tried ? current(form) : null);
  });
  document.addEventListener('click', event => {
    const button = event.target.closest?.('#channels [data-channel], [data-reuse]');
    if (!button || !form) return;
    if (button.hasAttribute('data-reuse')) { const again = button.closest('.entry').querySelector('.text').textContent; form.text.value = [form.text.value.trim(), again].filter(Boolean).join('\n'); form.text.focus(); }
    else if (!button.hasAttribute('aria-disabled')) choose(button.dataset.channel);
    form.text.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.addEventListener('keydown', event => {
    if (event.target.id !== 'composer-text' || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit($('send'));
  });
  document.addEventListener('htmx:config:request', event => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.id !== 'composer') return;
    if (!form.text.value.trim() || $('send').hasAttribute('aria-disabled')) { form.text.focus(); return event.preventDefault(); }
    ctx.request.body.set('seen_revision', Math.max(form.seen_revision.value, $('timeline').dataset.seen));
    form.dataset.tried = form.client_token.value;        // an unknown outcome must not become a second message, not even after a reload
    keep(form.dataset.id, current(form));
    typing = form.contains(document.activeElement);
    form.text.readOnly = true;
    form.setAttribute('aria-busy', 'true');
  });
  document.addEventListener('htmx:after:request', event => {
    const { request, response } = event.detail.ctx, sent = request.action.match(/^\/c\/([^/]+)\/messages$/);
    if (sent && [200, 409, 422].includes(response.status)) keep(sent[1], null);   // known: it went, or it was refused and comes back in the answer
  });
  document.addEventListener('htmx:finally:request', event => {
    if (event.detail.ctx.sourceElement?.id !== 'composer' || !form) return;
    form.text.readOnly = false; form.removeAttribute('aria-busy'); typing = false;
  });
  document.addEventListener('htmx:response:error', event => [409, 422].includes(event.detail.ctx.response.status) || complain(event.detail.ctx, 'failed'));
  document.addEventListener('htmx:error', event => complain(event.detail.ctx, 'unreachable'));
  document.addEventListener('submit', event => event.target.matches('[data-forgets]') && sessionStorage.clear());
  document.addEventListener('htmx:after:swap', adopt);
  adopt();
})();
