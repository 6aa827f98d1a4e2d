// Copies an invitation's link; without a clipboard the text is selected, ready to be copied by hand. Puts places into a text that is written.
// A form that would meet the end of the session stays on the page with all that was written.
(() => {
  let sure;

  document.addEventListener('submit', async event => {
    const { target: form, submitter } = event, told = document.getElementById('signed-out');
    if (form === sure || form.method !== 'post' || !told || !form.closest('main')) return;
    event.preventDefault();
    const answer = await fetch('/me/preferences', { headers: { 'HX-Request-Type': 'partial' } }).catch(() => null);
    told.hidden = answer?.status !== 401;
    if (!told.hidden) return told.scrollIntoView({ block: 'nearest' });
    sure = form;
    form.requestSubmit(submitter);
    sure = null;
  });
  document.addEventListener('click', event => {          // where the caret is, and so that the browser's own undo takes it back
    const button = event.target.closest?.('[data-inserts]');
    if (!button) return;
    const field = document.getElementById(button.dataset.into);
    field.focus();
    if (document.execCommand('insertText', false, button.dataset.inserts)) return;
    field.setRangeText(button.dataset.inserts, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  document.addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copies]');
    if (!button) return;
    const field = document.getElementById(button.dataset.copies), word = button.querySelector('span');
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { return; }
    word.dataset.before ??= word.textContent;
    word.textContent = button.dataset.copied;
    setTimeout(() => { word.textContent = word.dataset.before; }, 2000);
  });
})();
