// Guards what is being typed and sends it once: the mode and channel, one token until a sending is known to have worked.
(() => {
  const $ = id => document.getElementById(id);
  let form = null, typing = false;

  const drafts = () => window.trato.drafts;
  const changed = () => form?.text.dispatchEvent(new Event('input', { bubbles: true }));
  const filled = () => form.text.value.trim() || form.querySelector('[name=template_id], [name=attachment]');

  function choose(wanted) {                              // the strip may be newer than the choice: a channel that closed is left
    const usable = [...form.querySelectorAll('[data-channel]:not([aria-disabled])')];
    const open = usable.filter(button => !button.hasAttribute('data-templates-only'));
    const found = usable.find(button => button.dataset.channel === wanted) ?? open[0] ?? usable[0], note = form.dataset.mode === 'note';
    form.channel.value = found?.dataset.channel ?? '';
    form.toggleAttribute('data-template-needed', !note && !!found?.hasAttribute('data-templates-only') && !form.querySelector('[name=template_id]'));
    for (const button of form.querySelectorAll('[data-channel]')) button.setAttribute('aria-pressed', String(!note && button === found));
    $('channel-note').setAttribute('aria-pressed', String(note));
    if (note || found) $('send').removeAttribute('aria-disabled'); else $('send').setAttribute('aria-disabled', 'true');
  }

  function write(mode) {                                 // to the client, or to colleagues: the words stay
    form.dataset.mode = form.mode.value = mode;
    form.text.placeholder = form.text.dataset[mode];
    const label = form.querySelector('label[for=composer-text]');
    label.textContent = label.dataset[mode];
    name();
    choose(form.channel.value);
  }

  function name() {                                      // what pressing Send would do now
    const word = $('send-word').dataset, send = $('send-word');
    send.textContent = form.dataset.mode === 'note' ? word.note : form.dataset.anyway ? word.anyway : form.not_before.value ? word.later : word.send;
  }

  function adopt() {                                     // a form that is new on the page gets its draft back
    const here = $('composer');
    if (!here?.text) return void (form = null);
    if (here !== form) {
      form = here;
      drafts()?.restore(form);
      if (typing) form.text.focus();
      changed();
    }
    write(form.dataset.mode);
  }

  const complain = (ctx, kind) => {
    const problem = $('composer-problem');
    if (ctx?.sourceElement?.id === 'composer' && problem) problem.textContent = problem.dataset[kind];
  };

  window.trato.composer = { form: () => form, choose: channel => choose(channel), write: mode => write(mode), name: () => form && name(), changed, filled: () => form && filled() };

  document.addEventListener('input', event => {
    if (event.target.id !== 'composer-text' || !event.isTrusted) return;
    $('composer-problem').textContent = '';
    form.text.setAttribute('aria-invalid', 'false');
  });
  document.addEventListener('click', event => {
    const button = event.target.closest?.('#channels [data-channel], #channels [data-note], [data-reuse]');
    if (!button || !form) return;
    if (button.hasAttribute('data-reuse')) { const again = button.closest('.entry').querySelector('.text').textContent; form.text.value = [form.text.value.trim(), again].filter(Boolean).join('\n'); }
    else if (button.hasAttribute('data-note')) write(form.dataset.mode === 'note' ? 'message' : 'note');
    else if (!button.hasAttribute('aria-disabled')) { form.channel.value = button.dataset.channel; write('message'); }
    else return;
    form.text.focus();
    changed();
  });
  document.addEventListener('keydown', event => {
    if (!event.target.closest?.('#composer') || event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit($('send'));
  });
  document.addEventListener('htmx:config:request', event => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.id !== 'composer') return;
    if (!filled() || $('send').hasAttribute('aria-disabled')) { form.text.focus(); return event.preventDefault(); }
    if (form.dataset.mode === 'note') ctx.request.action = form.dataset.notes;
    ctx.request.body.set('seen_revision', Math.max(form.seen_revision.value, $('timeline').dataset.seen));
    drafts()?.trying(form);                              // an unknown outcome must not become a second message, not even after a reload
    typing = form.contains(document.activeElement);
    form.text.readOnly = true;
    form.setAttribute('aria-busy', 'true');
  });
  document.addEventListener('htmx:finally:request', event => {
    if (event.detail.ctx.sourceElement?.id !== 'composer' || !form) return;
    form.text.readOnly = false; form.removeAttribute('aria-busy'); typing = false;
  });
  document.addEventListener('htmx:response:error', event => [409, 422].includes(event.detail.ctx.response.status) || complain(event.detail.ctx, 'failed'));
  document.addEventListener('htmx:error', event => complain(event.detail.ctx, 'unreachable'));
  document.addEventListener('htmx:after:swap', adopt);
  document.addEventListener('DOMContentLoaded', adopt);
})();
