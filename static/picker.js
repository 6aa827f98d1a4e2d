// The prepared texts: “/” in an empty field or a button opens them, arrows choose, Enter uses one, Esc goes back to what was being written.
(() => {
  const $ = id => document.getElementById(id);
  const options = () => [...document.querySelectorAll('#picker-list [role=option]:not([aria-disabled])')];
  const selected = () => trato.listbox.chosen(options());
  let pressed = null;                                    // Enter, pressed before the texts for exactly these words were here

  const mark = option => trato.listbox.choose($('picker-query'), $('picker-list'), option);

  function open(channel) {                               // at once, so that no key is lost to the text; the list follows
    const form = trato.composer.form(), query = $('picker-query');
    if (!form || form.dataset.mode === 'note') return;
    if (channel) trato.composer.choose(channel);
    pressed = null;
    query.value = '';
    $('picker').hidden = false;
    $('open-picker').setAttribute('aria-expanded', 'true');
    query.focus();
    query.dispatchEvent(new Event('asked'));
  }

  function close() {
    const picker = $('picker');
    if (!picker || picker.hidden) return false;
    const inside = picker.contains(document.activeElement);
    picker.hidden = true;
    pressed = null;
    $('picker-list').replaceChildren();
    delete $('picker-list').dataset.for;
    $('open-picker').setAttribute('aria-expanded', 'false');
    if (inside) $('composer-text').focus();
    return true;
  }

  function use(option) {
    if (!option || option.hasAttribute('aria-disabled')) return;
    const form = trato.composer.form(), slot = $('template-slot'), prepared = option.querySelector('template');
    if (prepared) { slot.replaceChildren(prepared.content.cloneNode(true)); htmx.process(slot); }
    else { slot.replaceChildren(); form.text.value = [form.text.value.replace(/^\/\S*$/, '').trim(), option.dataset.words].filter(Boolean).join('\n'); }
    close();
    (slot.querySelector('input[aria-invalid=true]') ?? slot.querySelector('input:not([type=hidden])') ?? form.text).focus();
    trato.composer.changed();
    trato.composer.write('message');
    trato.drafts.keep();
  }

  const answered = () => $('picker-list').dataset.for === $('picker-query').value;
  function enter() {
    if (answered()) use(selected()); else pressed = $('picker-query').value;
  }

  function arrive() {
    if (!$('picker-list') || $('picker').hidden) return;
    if (!selected()) mark(options()[0]);
    if (pressed !== null && answered() && pressed === $('picker-query').value) { pressed = null; use(selected()); }
  }

  trato.picker = { open };

  document.addEventListener('input', event => {
    if (event.target.id === 'picker-query') pressed = null;
    else if (event.target.id === 'composer-text' && event.isTrusted && event.target.value === '/' && event.target.form.dataset.mode === 'message') { event.target.value = ''; open(); }
  });
  document.addEventListener('beforeinput', event => {    // the key that opens it is pressed again out of habit: it is nothing to search for
    if (event.target.id === 'picker-query' && event.data?.startsWith('/') && !event.target.selectionStart) event.preventDefault();
  });
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape' && event.target.closest?.('#composer') && close()) return void (event.preventDefault(), event.stopPropagation());
    if (!event.target.closest?.('#picker')) return;
    const all = options(), at = all.indexOf(selected());
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    if (event.key in moves && all.length) { event.preventDefault(); mark(all[Math.min(all.length - 1, Math.max(0, moves[event.key]))]); }
    else if (event.key === 'Enter') { event.preventDefault(); if (!event.repeat) enter(); }
  }, true);
  document.addEventListener('click', event => {
    const opener = event.target.closest?.('[data-picks]'), option = event.target.closest?.('#picker-list [role=option]');
    if (opener) return void ($('picker').hidden ? open(opener.dataset.for) : close());
    if (option) return use(option);
    if (!event.target.closest?.('#picker')) close();
  });
  document.addEventListener('htmx:after:swap', arrive);
})();
