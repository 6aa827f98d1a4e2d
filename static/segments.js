// Counts an SMS as the network bills it: GSM 03.38 in 160 or 153 septets, anything else in 70 or 67 UTF-16 units. Same as channels/segments.py.
(() => {
  const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà');
  const MOST = 1600;
  const EXTENDED = new Set('\f^{}\\[~]|€');

  function fill(sizes, whole, part) {                    // a character is never cut in two between segments
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total <= whole) return { used: total, room: whole, segments: total ? 1 : 0 };
    let segments = 1, used = 0;
    for (const size of sizes) { if (used + size > part) { segments++; used = 0; } used += size; }
    return { used: (segments - 1) * part + used, room: segments * part, segments };
  }

  function measure(text) {
    const characters = [...text], odd = characters.find(c => !BASIC.has(c) && !EXTENDED.has(c));
    const sizes = characters.map(c => odd ? c.length : EXTENDED.has(c) ? 2 : 1);
    return { odd, ...(odd ? fill(sizes, 70, 67) : fill(sizes, 160, 153)) };
  }

  function tell() {
    const box = document.getElementById('segments'), form = document.getElementById('composer');
    if (!box || !form?.text) return;
    const card = form.querySelector('.template-words'), text = (card?.textContent ?? form.text.value).replace(/\r\n/g, '\n').trim(), length = [...text].length;
    const is = form.dataset.mode === 'message' && text && !(card && form.channel.value === 'whatsapp') ? form.channel.value : '';
    const { odd, used, room, segments } = measure(text), { one, many, unicode, most } = box.dataset;
    const parts = segments === 1 ? one : many.replace('{n}', segments), all = most.replace('{n}', length.toLocaleString(document.documentElement.lang, { useGrouping: 'always' }));
    const bill = `${used}/${room} · ${odd && segments > 1 ? unicode.replace('{segments}', parts).replace('{c}', odd) : parts}`;
    box.textContent = is === 'sms' ? (length > MOST ? `${all} · ${bill}` : bill) : is === 'whatsapp' ? all : '';
    box.classList.toggle('many', is === 'sms' && segments > 3);
    box.classList.toggle('over', !!is && length > MOST);
  }

  window.trato.measure = measure;
  document.addEventListener('input', event => event.target.matches?.('#composer-text, #template-slot input') && tell());
  document.addEventListener('htmx:after:swap', tell);
})();
