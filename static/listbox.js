// What every field over a list shares: one option is chosen, the field names it to who cannot see, and arrows go around.
(() => {
  function choose(field, list, option) {
    for (const one of list.querySelectorAll('[role=option]')) one.setAttribute('aria-selected', String(one === option));
    if (option?.id) field.setAttribute('aria-activedescendant', option.id); else field.removeAttribute('aria-activedescendant');
    option?.scrollIntoView({ block: 'nearest' });
  }

  const chosen = options => options.find(one => one.getAttribute('aria-selected') === 'true');
  const around = (options, by) => options[(options.indexOf(chosen(options)) + by + options.length) % options.length];

  window.trato.listbox = { choose, chosen, around };
})();
