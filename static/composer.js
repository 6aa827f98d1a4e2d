// Guards what is being typed: to whom it goes (a channel and address of the client, or colleagues), and that a new form gets its draft back.
(() => {
  const $ = id => document.getElementById(id);
  let form = null;

  const drafts = () => window.trato.drafts;
  const changed = () => form?.text.dispatchEvent(new Event('input', { bubbles: true }));
  const isNote = () => form.dataset.mode === 'note';
  const usable = () => [...form.querySelectorAll('[data-channel]:not([aria-disabled])')];
  const begun = () => (isNote() ? form.aside : form.text).value.trim() || form.querySelector('[name=template_id], [name=attachment]') || trato.flight?.on(form);

  function choose(wanted) {                              // the strip may be newer than the choice: what was begun stays with a channel that closed
    const all = usable(), open = all.filter(button => !button.hasAttribute('data-templates-only')), note = isNote();
    const asked = form.querySelector(`[data-channel="${wanted}"]`), heard = $('channels').dataset.wanted;
    const found = asked && (all.includes(asked) || begun()) ? asked : all.find(button => button.dataset.channel === heard) ?? open[0] ?? all[0];
    const barred = !note && !all.includes(found), was = $('send').hasAttribute('aria-disabled');
    form.channel.value = found?.dataset.channel ?? '';
    form.toggleAttribute('data-template-needed', !note && !!found?.hasAttribute('data-templates-only') && !form.querySelector('[name=template_id]'));
    for (const button of form.querySelectorAll('[data-channel]')) button.setAttribute('aria-pressed', String(!note && button === found));
    $('channel-note').setAttribute('aria-pressed', String(note));
    for (const one of form.querySelectorAll('[aria-describedby=note-stays]')) note ? one.setAttribute('aria-disabled', 'true') : one.removeAttribute('aria-disabled');
    $('note-stays').textContent = note ? $('note-stays').dataset.text : '';
    for (const to of form.querySelectorAll('.to')) {     // only the chosen channel's address is sent along
      to.hidden = note || to.dataset.for !== form.channel.value;
      const select = to.querySelector('select');
      if (select) select.disabled = to.hidden;
    }
    if (barred) $('send').setAttribute('aria-disabled', 'true'); else $('send').removeAttribute('aria-disabled');
    if (barred && !was && found) trato.keys.say($(found.getAttribute('aria-describedby')).textContent.trim());
  }

  function write(mode) {                                 // to the client, or to colleagues: each has words of its own
    if (form.dataset.mode !== mode) [form.text.value, form.aside.value] = [form.aside.value, form.text.value];
    form.dataset.mode = form.mode.value = mode;
    form.text.placeholder = form.text.dataset[mode];
    form.text.lang = form.text.getAttribute(`data-lang-${mode}`);   // spelling is checked in the language of who reads it
    const label = form.querySelector('label[for=composer-text]');
    label.textContent = label.dataset[mode];
    name();
    choose(form.channel.value);
  }

  function name() {                                      // what pressing Send would do now
    const word = $('send-word').dataset;
    $('send-word').textContent = isNote() ? word.note : form.dataset.anyway ? word.anyway : form.not_before.value ? word.later : word.send;
  }

  function adopt() {                                     // a form that is new on the page gets its draft back
    const here = $('composer');
    if (!here?.text) return void (form = null);
    const fresh = here !== form;
    form = here;
    if (fresh) {
      form.tab.value = trato.tab;
      for (const bring of [drafts()?.restore, trato.flight?.resume]) bring?.(form);
      if (form.hasAttribute('data-focus')) form.text.focus({ preventScroll: true });
    }
    write(form.dataset.mode);
    if (fresh) changed();
  }

  function tell(reason) {                                // why a channel is closed: pressing it is asking
    if (!reason) return;
    reason.toggleAttribute('data-asked');
    trato.keys.say(reason.textContent.trim());
  }

  function pick(button) {
    if (button.hasAttribute('data-note')) write('note');
    else if (button.hasAttribute('aria-disabled')) return tell($(button.getAttribute('aria-describedby')));
    else { form.channel.value = button.dataset.channel; write('message'); trato.sending.tell(''); }
    went();
  }

  function went() {
    form.text.focus();
    changed();
    drafts().touch();
  }

  function next() {                                      // the key for channels: the one after this, said aloud
    const all = usable(), at = isNote() ? -1 : all.findIndex(button => button.dataset.channel === form.channel.value);
    const button = all[(at + 1) % all.length];
    pick(button);
    trato.keys.say(button.firstElementChild.nextSibling.textContent.trim());
  }

  trato.tab = (() => { try { return sessionStorage.tab ??= Math.random().toString(36).slice(2, 12); } catch { return ''; } })();
  trato.composer = { form: () => form, isNote, choose, write, name: () => form && name(), changed };
  trato.keys.on('channel', next, () => !!form && usable().length > 0);
  trato.keys.on('reply', () => { if (!isNote()) return form.text.focus(); write('message'); went(); }, () => !!form);

  document.addEventListener('click', event => {
    const button = event.target.closest?.('#channels [data-channel], #channels [data-note]');
    if (button && form) pick(button);
  });
  document.addEventListener('htmx:after:swap', adopt);
  document.addEventListener('DOMContentLoaded', adopt);
})();
