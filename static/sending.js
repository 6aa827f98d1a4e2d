// Sends once: one token until a sending is known to have worked, nothing with a hole in it, and a word about whatever stood in the way.
(() => {
  const $ = id => document.getElementById(id);
  const form = () => trato.composer.form();

  const filled = () => form()?.text.value.trim() || form() && !trato.composer.isNote() && form().querySelector('[name=template_id], [name=attachment]');
  const holes = () => trato.composer.isNote() ? [] : [...form().querySelectorAll('#template-slot input[data-place]')].filter(input => !input.value.trim());

  const refills = request => /\/messages\/[^/]+\/(take-back|again)$/.test(request?.action) && request.method === 'POST';   // puts more into the composer
  function tell(text) {
    const box = $('composer-problem');
    if (box) box.textContent = text;
  }

  function stop() {                                      // why it cannot go as it stands, where to go on, and true
    const open = holes();
    if (!trato.composer.isNote() && trato.files.uploading()) tell($('composer-problem').dataset.uploading);
    else if (open.length) {
      const names = open.map(input => input.closest('.place').querySelector('span').textContent);
      tell($('composer-problem').dataset.missing.replace('{names}', names.join(', ')));
      open[0].focus();
    } else if (form().hasAttribute('data-template-needed')) {
      tell($(`reason-${form().channel.value}`)?.querySelector('strong').nextSibling.textContent.replace(/^\s*·\s*/, '').trim() ?? '');
      trato.picker.open();
    } else if ($('send').hasAttribute('aria-disabled')) tell(($(`reason-${form().channel.value}`) ?? $('channels').querySelector('.channel-reason'))?.textContent.trim() ?? '');
    else if (!filled()) form().text.focus();
    else return false;
    return true;
  }

  function prepare(event) {
    const { ctx } = event.detail;
    if (refills(ctx.request) && form()) return lock(true);
    if (ctx.sourceElement.id !== 'composer') return;
    if (trato.flight.on(form())) { event.preventDefault(); return trato.flight.again(form()); }   // one after the other: it goes once the answer is here
    if (stop()) return event.preventDefault();
    if (trato.composer.isNote()) ctx.request.action = form().dataset.notes;
    ctx.request.body.set('seen_revision', Math.max(form().seen_revision.value, trato.read.seen(form().dataset.id)));
    trato.flight.leave(ctx, form());
    tell('');
  }

  function lock(on) {                                    // what is typed while the form is being replaced would be lost with it
    form().text.readOnly = on;
    if (on) form().setAttribute('aria-busy', 'true'); else form().removeAttribute('aria-busy');
  }

  function end(event) {
    if (form() && refills(event.detail.ctx.request)) lock(false);
  }

  const complain = (ctx, kind) => ctx?.sourceElement?.id === 'composer' && tell($('composer-problem')?.dataset[kind]);

  trato.sending = { tell, filled };

  document.addEventListener('input', event => {          // who goes on writing has read it
    if (!event.isTrusted || !event.target.closest?.('#composer')) return;
    tell('');
    form().text.setAttribute('aria-invalid', 'false');
  });
  document.addEventListener('keydown', event => {
    if (!event.target.closest?.('#composer') || event.key !== 'Enter' || trato.keys.typing(event)) return;
    if (!(event.ctrlKey || event.metaKey)) { if (event.target.matches('input, select')) event.preventDefault(); return; }   // Enter in a place sends nothing
    event.preventDefault();
    if (!event.repeat) form().requestSubmit($('send'));
  });
  document.addEventListener('htmx:config:request', prepare);
  document.addEventListener('htmx:finally:request', end);
  document.addEventListener('htmx:response:error', event => [401, 409, 422].includes(event.detail.ctx.response.status) || complain(event.detail.ctx, 'failed'));
  document.addEventListener('htmx:error', event => event.detail.ctx?.response || complain(event.detail.ctx, 'unreachable'));
})();
