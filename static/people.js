// Opens the dialogs about people when their content arrives and closes them when the server says that it is done.
(() => {
  const $ = id => document.getElementById(id);
  const dialog = () => $('people');
  let pointed = false;                                   // whether the last choice was made with a pointer

  let about;                                             // the line or the field that was last asked from
  function note({ detail: { ctx: { sourceElement: from } } }) {
    if (from.closest?.('#people-body')) about = (from.closest('li[id]') ?? from.querySelector('input[id]'))?.id;
  }

  function stay(box) {                                   // what was pressed is another button now: the focus stays with whom it was about
    if (box.contains(document.activeElement)) return;
    const near = $(about);
    (near?.matches('li') ? near.querySelector('button, select') : near ?? $('people-title'))?.focus();
  }

  function arrived() {
    const box = dialog(), body = $('people-body');
    if (!box || !body?.firstElementChild) return;
    if (box.open) return stay(box);
    document.querySelector(':popover-open')?.hidePopover();
    box.showModal();
    (body.querySelector('[autofocus]') ?? $('people-title'))?.focus();
  }

  function fill(button) {                                // an amount that is owed, towards its own account
    const form = button.form ?? button.closest('form');
    form.elements.amount.value = button.dataset.amount.replace(/[^\d.,]/g, '');
    choose(form, button.dataset.debt);
    form.elements.amount.focus();
  }

  function choose(form, debt) {
    const radio = [...form.querySelectorAll('[name=debt]')].find(one => one.value === debt);
    if (!radio) return;
    radio.checked = true;
    if (radio.dataset.currency && form.elements.currency) form.elements.currency.value = radio.dataset.currency;
  }

  document.addEventListener('htmx:after:swap', event => { if (event.detail.ctx.target?.closest?.('#people')) arrived(); });
  document.addEventListener('htmx:config:request', note);
  document.addEventListener('people:done', () => dialog()?.close());
  document.addEventListener('click', event => {
    if (event.target.closest?.('[data-closes-people]')) return dialog().close();
    const pick = event.target.closest?.('[data-amount]');
    if (pick) fill(pick);
  });
  document.addEventListener('change', event => {
    if (event.target.matches?.('#money-form [name=debt]')) choose(event.target.form, event.target.value);
    if (!event.target.matches?.('#money-form [name=day][value=other]')) return;
    $('money-on').focus();
    if (pointed) $('money-on').showPicker?.();           // over the keys it would be in the way: the day is typed
  });
  for (const [type, is] of [['pointerdown', true], ['keydown', false]]) document.addEventListener(type, () => { pointed = is; }, true);
  document.addEventListener('input', event => {
    if (event.target.matches?.('[data-other-day]')) event.target.form.querySelector('[name=day][value=other]').checked = true;
  });
  document.addEventListener('close', event => { if (event.target.id === 'people') $('people-body').replaceChildren(); }, true);
})();
