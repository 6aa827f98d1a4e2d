// The prepared texts: “/” in an empty field or a button opens them, arrows choose, Enter uses one, Esc goes back to what was being written.
(() => {
  const $ = id => document.getElementById(id);
  const options = () => [...document.querySelectorAll('#picker-list [role=option]:not([aria-disabled])')];
  const selected = () => options().find(option => option.getAttribute('aria-selected') === 'true');

  function mark(option) {
    for (const each of document.querySelectorAll('#picker-list [role=option]')) each.setAttribute('aria-selected', String(each === option));
    $('picker-query')?.setAttribute('aria-activedescendant', option?.id ?? '');
    option?.scrollIntoView({ block: 'nearest' });
  }

  async function open(query = '', channel) {
    const form = trato.composer.form(), picker = $('picker');
    if (!form || form.dataset.mode === 'note') return;
    if (channel) trato.composer.choose(channel);
    picker.setAttribute('aria-busy', 'true');
    await htmx.ajax('GET', `/c/${form.dataset.id}/templates`, { source: picker, target: picker, values: { q: query, channel: form.channel.value } });
    picker.removeAttribute('aria-busy');
    if (!$('picker-query')) return;                      // no answer: the page has said so
    picker.hidden = false;
    $('open-picker').setAttribute('aria-expanded', 'true');
    $('picker-query').focus();
    mark(options()[0]);
  }

  function close() {
    const picker = $('picker');
    if (!picker || picker.hidden) return false;
    const inside = picker.contains(document.activeElement);
    picker.hidden = true;
    picker.replaceChildren();
    $('open-picker').setAttribute('aria-expanded', 'false');
    if (inside) $('composer-text').focus();
    return true;
  }

  function drop() {                                      // the template goes, the words behind it stay
    $('template-slot').replaceChildren();
    trato.composer.write('message');
    $('composer-text').focus();
    kept();
  }

  async function kept() {                                // at once: other tabs fetch the whole draft
    await trato.drafts.save();
    trato.drafts.moved();
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
    kept();
  }

  function show(input) {                                 // the words of the card follow what is typed into its places
    for (const mark of document.querySelectorAll(`#template-slot mark[data-place="${input.dataset.place}"]`)) {
      mark.textContent = input.value || input.closest('.place').querySelector('span').textContent;
      mark.classList.toggle('missing', !input.value);
    }
    input.setAttribute('aria-invalid', String(!input.value));
    input.closest('.place').classList.toggle('missing', !input.value);
  }

  trato.picker = { open };

  document.addEventListener('input', event => {
    if (event.target.matches?.('#template-slot [data-place]')) show(event.target);
    else if (event.target.id === 'composer-text' && event.isTrusted && event.target.value === '/' && event.target.form.dataset.mode === 'message') { event.target.value = ''; open(); }
  });
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape' && event.target.closest?.('#composer') && close()) return void (event.preventDefault(), event.stopPropagation());
    if (!event.target.closest?.('#picker')) return;
    const all = options(), at = all.indexOf(selected());
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
    if (event.key in moves && all.length) { event.preventDefault(); mark(all[Math.min(all.length - 1, Math.max(0, moves[event.key]))]); }
    else if (event.key === 'Enter') { event.preventDefault(); use(selected()); }
  }, true);
  document.addEventListener('click', event => {
    const opener = event.target.closest?.('[data-picks]'), option = event.target.closest?.('#picker-list [role=option]');
    if (opener) return void ($('picker').hidden ? open('', opener.dataset.for) : close());
    if (option) return use(option);
    if (event.target.closest?.('[data-drops-template]')) drop();
    else if (!event.target.closest?.('#picker')) close();
  });
  document.addEventListener('htmx:after:swap', () => document.querySelector('#picker-list') && !selected() && mark(options()[0]));
})();
