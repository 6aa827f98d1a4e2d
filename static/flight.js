// What was sent and is not answered yet. The field is free for the next words at once: they belong to what comes after it. What could not be sent
// comes back into the field, before them. A tab's copy of it outlives the page: sent again it is the same message.
(() => {
  const $ = id => document.getElementById(id);
  const sent = id => `${id}:sent`;
  const token = () => '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
  const join = (...words) => words.filter(text => text?.trim()).join('\n');
  const field = (form, mode) => form.dataset.mode === mode ? form.text : form.aside;   // where the words for the client, or for colleagues, stand
  const other = mode => mode === 'note' ? 'message' : 'note';
  const words = form => ({ note: field(form, 'note').value, message: field(form, 'message').value });
  let gone = null;

  function leave(ctx, form) {                            // all of it is in the request
    const { mode } = form.dataset, template = mode === 'message' && !!form.querySelector('[name=template_id]');
    form.dataset.tried = form.client_token.value;
    const copy = trato.drafts.current(form), said = template ? $('template-slot').querySelector('.template-words')?.textContent : copy.text;
    gone = { ctx, form, id: form.dataset.id, mode, template, copy, slot: [], files: [], again: false };
    trato.drafts.stop();
    trato.drafts.store(sent(gone.id), copy);
    trato.drafts.store(gone.id, null);
    delete form.dataset.tried;
    form.client_token.value = token();
    if (!template) form.text.value = '';                 // words behind a template stay: it goes alone
    if (mode === 'message') {
      gone.slot = [...$('template-slot').childNodes];
      if (!template) gone.files = [...$('files').childNodes];
      for (const node of [...gone.slot, ...gone.files]) node.remove();
      trato.later.show(form, '', '');
    }
    $('hints').replaceChildren();
    $('going').hidden = false;
    $('going').lastElementChild.textContent = said?.trim() || '…';
    if (form.contains(document.activeElement)) form.text.focus({ preventScroll: true });
    trato.composer.write(mode);
    trato.composer.changed();
  }

  function answer({ detail: { ctx } }) {                 // it went, or it was refused and comes back in the answer
    if (gone?.ctx !== ctx || ![200, 409, 422].includes(ctx.response.status)) return;
    gone.known = ctx.response.status;
    if (gone.known === 200) trato.drafts.store(sent(gone.id), null);
    else if (gone.form.isConnected) { trato.drafts.store(sent(gone.id), null); trato.drafts.stop(); trato.drafts.store(gone.id, null); }
    else trato.drafts.store(sent(gone.id), { ...gone.copy, token: undefined });
  }

  function rejoin(form) {                                // the answer's form has what was refused: what was written since comes after it
    if (![409, 422].includes(gone?.known) || gone.id !== form.dataset.id) return;
    const since = words(gone.form), { mode } = gone;
    field(form, other(mode)).value = since[other(mode)];
    if (!gone.template) field(form, mode).value = join(field(form, mode).value, since[mode]);
    $('files').append(...gone.form.querySelectorAll('#files > *'));
  }

  function back(form, { mode, template, copy, slot, files }) {   // nobody knows what came of it
    const since = words(form);
    if (form.dataset.mode !== mode) trato.composer.write(mode);
    if (!template) form.text.value = join(copy.text, since[mode]);
    if (slot.length && !$('template-slot').firstElementChild) $('template-slot').replaceChildren(...slot);
    $('files').prepend(...files);
    if (!form.not_before.value) trato.later.show(form, ...copy.later);
    form.client_token.value = form.dataset.tried = copy.token;
    trato.drafts.store(sent(form.dataset.id), null);
    trato.composer.write(mode);
    trato.composer.changed();
    trato.drafts.touch(form);
  }

  function end({ detail: { ctx } }) {
    if (gone?.ctx !== ctx) return;
    const { form, known, again } = gone, flown = gone;
    gone = null;
    form.text.readOnly = false;
    $('going').hidden = true;
    if (!form.isConnected) return;
    if (!known) back(form, flown);
    else if (again && trato.sending.filled()) setTimeout(() => form.requestSubmit($('send')));   // htmx lets it through once this one has ended
    else if (Object.values(words(form)).some(text => text.trim())) trato.drafts.touch(form);
  }

  function recall(form) {                                // the page went while something was on its way
    const copy = trato.drafts.read(sent(form.dataset.id)), draft = trato.drafts.read(form.dataset.id);
    if (!copy || gone?.id === form.dataset.id) return false;
    trato.drafts.fill(form, copy);
    if (draft) {
      const since = { [draft.mode]: draft.text, [other(draft.mode)]: draft.aside };
      field(form, copy.mode).value = join(copy.text, since[copy.mode]);
      field(form, other(copy.mode)).value = since[other(copy.mode)];
    }
    trato.drafts.store(sent(form.dataset.id), null);
    trato.drafts.store(form.dataset.id, trato.drafts.current(form));
    return true;
  }

  trato.flight = { leave, recall, rejoin, on: () => !!gone, again: () => { gone.again = gone.form.text.readOnly = true; } };

  document.addEventListener('htmx:after:request', answer);
  document.addEventListener('htmx:finally:request', end);
})();
