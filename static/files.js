// Files for the client: chosen, pasted or dropped on the composer, uploaded at once, shown as chips that are sent with the next message.
(() => {
  const $ = id => document.getElementById(id);
  let busy = null;                                       // the conversation for which files are on their way
  const uploading = () => busy === trato.composer.form()?.dataset.id;

  async function upload(files) {
    const form = trato.composer.form();
    if (!form || form.dataset.mode === 'note') return;
    busy = form.dataset.id;
    form.setAttribute('data-uploading', '');
    const list = $('files');                               // of this client: another one's composer may stand there by the time the answer comes
    for (const file of files) if (list.isConnected) await htmx.ajax('POST', `/c/${form.dataset.id}/attachments`, { source: '#files', target: list, swap: 'beforeend', values: { file } }).catch(() => {});
    const here = uploading();
    busy = null;
    form.removeAttribute('data-uploading');
    if (!here) return;
    trato.sending.tell('');
    $('file').value = '';
    trato.composer.form().text.focus();
    trato.drafts.keep();
  }

  trato.files = { uploading };

  document.addEventListener('htmx:after:swap', event => {   // a file that was let go is no part of the draft
    if (event.detail.ctx.request?.method === 'DELETE' && event.detail.ctx.sourceElement?.closest?.('.file')) { $('composer-text').focus(); trato.drafts.save(); }
  });
  const files = event => [...(event.clipboardData ?? event.dataTransfer)?.files ?? []];
  document.addEventListener('click', event => event.target.closest?.('[data-attaches]') && $('file').click());
  document.addEventListener('change', event => event.target.id === 'file' && upload([...event.target.files]));
  document.addEventListener('paste', event => {
    if (!event.target.closest?.('#composer') || !files(event).length) return;
    event.preventDefault();
    upload(files(event));
  });
  document.addEventListener('dragover', event => {
    if (event.target.closest?.('#composer')) event.preventDefault();
  });
  document.addEventListener('drop', event => {
    if (!event.target.closest?.('#composer') || !files(event).length) return;
    event.preventDefault();
    upload(files(event));
  });
})();
