// What was sent and is not answered yet, by its conversation. The field is free for the next words at once: they belong to what comes after it, and no
// answer ever replaces them or turns a note that is being typed into a message. What could not be sent comes back to where it was written, before
// them. A tab's copy of it outlives the page. Its token stays until it is known to have gone: sent again it is the same message.
(() => {
  const $ = id => document.getElementById(id);
  const { sent, token, join, field, other, tried } = trato.modes;
  const begun = form => form.text.value.trim() || form.aside.value.trim();
  const flights = new Map();
  const here = id => { const form = trato.composer.form(); return form?.dataset.id === id ? form : null; };

  function going(form, said) {
    $('going').hidden = said === undefined;
    $('going').lastElementChild.textContent = said || '…';
  }

  function empty(form, flight) {                         // of what is on its way; words behind a template stay: it goes alone
    const { mode, template } = flight;
    if (!template) field(form, mode).value = '';
    if (mode === 'message') {
      flight.slot = [...$('template-slot').childNodes];
      if (!template) flight.files = [...$('files').childNodes];
      for (const node of [...flight.slot, ...flight.files]) node.remove();
      trato.later.show(form, '', '');
    }
    going(form, flight.said);
  }

  function leave(ctx, form) {                            // all of it is in the request
    const { mode, id } = form.dataset, template = mode === 'message' && !!form.querySelector('[name=template_id]'), key = tried(mode);
    const mine = form.dataset[key] ?? (form.dataset[tried(other(mode))] === form.client_token.value ? token() : form.client_token.value);
    ctx.request.body.set('client_token', form.dataset[key] = mine);
    const copy = trato.drafts.current(form), said = (template ? $('template-slot').querySelector('.template-words').textContent : copy.text).trim();
    const flight = { ctx, id, mode, template, copy, said, token: mine, slot: [], files: [] };
    flights.set(id, flight);
    trato.drafts.stop();
    trato.drafts.store(sent(id), copy);
    trato.drafts.store(id, null);
    delete form.dataset[key];
    form.client_token.value = token();
    empty(form, flight);
    $('hints').replaceChildren();
    if (form.contains(document.activeElement)) form.text.focus({ preventScroll: true });
    trato.composer.write(mode);
    trato.composer.changed();
  }

  function resume(form) {                                // who comes back to a conversation while something of it is on its way
    const flight = flights.get(form.dataset.id);
    if (!flight) return;
    if (field(form, flight.mode).value.trim() === flight.copy.text.trim()) empty(form, flight);
    going(form, flight.said);
  }

  function back(form, { mode, template, copy, slot, files, ...flight }) {
    if (!template) field(form, mode).value = join(copy.text, field(form, mode).value);
    if (slot.length && !$('template-slot').firstElementChild) $('template-slot').replaceChildren(...slot);
    $('files').prepend(...files);
    if (mode === 'message') form.channel.value = copy.channel;   // words that were written for one channel never leave by another
    if (mode === 'message' && !form.not_before.value) trato.later.show(form, ...copy.later);
    if (flight.seen) form.seen_revision.value = flight.seen;
    if (!flight.spent) form.client_token.value = form.dataset[tried(mode)] = flight.token;
    trato.drafts.store(sent(form.dataset.id), null);
    const box = $('composer-problem');
    if (form.dataset.mode !== mode) trato.sending.tell(`${box.textContent.trim()} ${box.dataset[mode]}`);
    form.text.setAttribute('aria-invalid', 'true');
    trato.composer.write(form.dataset.mode);
    trato.composer.changed();
    trato.drafts.touch(form);
  }

  function answer({ detail: { ctx } }) {                 // it went, or it was refused: then the answer says why, and whether something else went with its token
    const flight = [...flights.values()].find(one => one.ctx === ctx);
    if (!flight) return;
    flight.went = ctx.response.status === 200;
    flight.spent = ctx.response.headers.get('x-spent') === '1';
    flight.seen = ctx.response.headers.get('x-seen');     // with a refusal comes what had not been seen
    if (flight.went) trato.drafts.store(sent(flight.id), null);
  }

  function end({ detail: { ctx } }) {
    const flight = [...flights.values()].find(one => one.ctx === ctx), form = flight && here(flight.id);
    if (!flight) return;
    flights.delete(flight.id);
    if (!form) return;                                   // the copy waits for them to come back
    form.text.readOnly = false;
    going(form);
    if (!flight.went) back(form, flight);
    else if (flight.again === form.dataset.mode && trato.sending.filled()) setTimeout(() => form.requestSubmit($('send')));   // htmx lets it through once this one has ended
    else if (begun(form)) trato.drafts.touch(form);
  }

  const again = form => { flights.get(form.dataset.id).again = form.dataset.mode; form.text.readOnly = true; };
  trato.flight = { leave, resume, again, on: form => flights.has(form?.dataset.id) };

  document.addEventListener('htmx:after:request', answer);
  document.addEventListener('htmx:finally:request', end);
})();
