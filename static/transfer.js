// To whom a conversation is handed: letters find a colleague or a team, arrows move, Enter chooses and goes on to the button that hands it over.
(() => {
  const { choose, chosen, around } = trato.listbox;
  const $ = id => document.getElementById(id);
  const field = () => $('transfer-who');
  const plain = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().split(/\s+/).filter(Boolean);
  const all = () => [...$('transfer-list').querySelectorAll('[role=option]')];
  const shown = () => all().filter(one => !one.hidden);

  function take(option) {
    choose(field(), $('transfer-list'), option);
    $('transfer-to').value = option?.dataset.to ?? '';
    $('transfer-now').setAttribute('aria-describedby', option?.id ?? 'transfer-none');
  }

  function find() {
    const words = plain(field().value);
    const fits = name => words.every(word => plain(name).some(part => part.startsWith(word)));
    for (const one of all()) one.hidden = !fits(one.dataset.name);
    const { owner, theirs, text: nobody } = $('transfer-none').dataset, text = shown().length ? '' : owner && fits(owner) ? theirs : nobody;
    if ($('transfer-none').textContent !== text) $('transfer-none').textContent = text;
    take(shown()[0]);
  }

  function enter() {
    const option = chosen(shown());
    if (!option) return;
    field().value = option.dataset.name;
    $('transfer-now').focus();
  }

  document.addEventListener('input', event => event.target === field() && find());
  document.addEventListener('keydown', event => {
    if (!field() || event.target !== field() || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) shown().length && take(around(shown(), by));
    else if (event.key === 'Enter') { if (!event.repeat) enter(); }
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', event => {
    const option = event.target.closest?.('#transfer-list [role=option]');
    if (option) take(option);
  });
  document.addEventListener('htmx:after:swap', () => { if (field() && !$('transfer-to').value) find(); });
})();
