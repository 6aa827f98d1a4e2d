// The two modes of a composer, words for the client and notes for colleagues: where each stands, and what a page that went had on its way in one.
(() => {
  const sent = id => `${id}:sent`;                       // the tab's copy of what is on its way
  const token = () => '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, c => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
  const join = (...words) => words.filter(text => text?.trim()).join('\n');
  const field = (form, mode) => form.dataset.mode === mode ? form.text : form.aside;
  const other = mode => mode === 'note' ? 'message' : 'note';
  const tried = mode => mode === 'note' ? 'triedNote' : 'triedMessage';   // the token with which something may have gone already

  function recall(form) {                                // what was on its way when the page went, or while another client was open
    const { id } = form.dataset, copy = trato.drafts.read(sent(id)), draft = trato.drafts.read(id);
    if (!copy || trato.flight.on(form)) return false;
    trato.drafts.fill(form, copy);
    if (draft) {
      const since = { [draft.mode]: draft.text, [other(draft.mode)]: draft.aside };
      field(form, copy.mode).value = join(copy.text, since[copy.mode]);
      field(form, other(copy.mode)).value = since[other(copy.mode)];
    }
    trato.drafts.store(sent(id), null);
    trato.drafts.store(id, trato.drafts.current(form));
    return true;
  }

  trato.modes = { sent, token, join, field, other, tried, recall };
})();
