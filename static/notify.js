// Tells the agent of what is new: once for the person, however many windows are open, and not of what they are looking at.
//
// One window of this browser leads (it holds a lock until it closes) and makes the sound and the notice; the others know by a channel and by
// storage what was told, so that whoever leads next does not tell it again. A word is news only where it is later than every one before: once the
// newest is read, an older one comes forward that is none. Outside the page stand initials at most, never what was said.
(() => {
  const PAUSE = 10000, ANSWER = 300, KEPT = 60, SHOWN_BY = { word: 'messages', mention: 'notes' };
  const agent = document.body.dataset.agent, KEY = `told:${agent}`, HEARD = `heard:${agent}`;
  const $ = id => document.getElementById(id);
  if (!agent || !$('me-state')) return;
  const tabs = new BroadcastChannel(`notify:${agent}`);
  let leads = false, played = 0, last = 0, seen = new Set();

  const stored = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; } };
  const heard = () => { try { return Math.max(last, localStorage.getItem(HEARD)); } catch { return last; } };
  const isNew = item => item.at ? item.at > heard() : !seen.has(item.id) && !stored().includes(item.id);
  const watches = ({ conversation, kind }) => { const { id, show } = trato.ended()?.dataset ?? {}; return id === conversation && ['all', SHOWN_BY[kind]].includes(show); };

  function news() {
    const state = $('me-state').dataset, found = [];
    if (state.word) found.push({ id: state.word, kind: 'word', at: Number(state.wordAt), text: state.wordText, href: state.wordHref, conversation: state.word.split(':')[0], sound: 'word' });
    for (const item of document.querySelectorAll('#notice-list > .new')) {
      const { id, kind, notify: text, conversation } = item.dataset;
      found.push({ id, kind, text, conversation, href: `/c/${conversation}`, sound: ['mention', 'assigned'].includes(kind) ? 'notice' : null });
    }
    return found;
  }

  function keep(items) {                                 // in this window, and for whoever leads
    for (const item of items) { seen.add(item.id); last = Math.max(last, item.at ?? 0); }
    if (!leads) return;
    try {
      localStorage.setItem(KEY, JSON.stringify([...items.map(item => item.id), ...stored()].slice(0, KEPT)));
      localStorage.setItem(HEARD, heard());
    } catch { /* barred: this window remembers */ }
  }

  const watched = item => new Promise(resolve => {       // any window may be looking at it
    if (watches(item)) return resolve(true);
    const answer = ({ data }) => { if (data.watched === item.id) done(true); };
    const done = is => { tabs.removeEventListener('message', answer); resolve(is); };
    tabs.addEventListener('message', answer);
    tabs.postMessage({ asks: item.id, conversation: item.conversation, kind: item.kind });
    setTimeout(done, ANSWER, false);
  });

  function open(href) {
    window.focus();
    const link = document.querySelector(`.row-link[href^="${href}"], .notice-link[href="${href}"]`);
    if (link) link.click(); else location.assign(href);
  }

  function show(item) {
    if ($('shell')?.dataset.notify !== 'on' || !('Notification' in window) || Notification.permission !== 'granted') return;
    const notice = new Notification('Trato', { body: item.text, tag: item.conversation });
    notice.onclick = () => { notice.close(); open(item.href); };
  }

  function ring(kind) {
    if (!kind || $('shell')?.dataset.sound !== 'on' || Date.now() - played < PAUSE) return;
    played = Date.now();
    trato.sound.play(kind);
  }

  async function tell() {
    if (!$('me-state')) return;
    const fresh = news().filter(isNew);
    keep(fresh);
    if (!leads) return;
    for (const item of fresh.sort((a, b) => (b.sound === 'notice') - (a.sound === 'notice'))) {
      if (await watched(item)) continue;
      ring(item.sound);
      show(item);
    }
  }

  tabs.addEventListener('message', ({ data }) => { if (data.asks && watches(data)) tabs.postMessage({ watched: data.asks }); });
  navigator.locks?.request(`notify:${agent}`, () => { leads = true; return new Promise(() => {}); });
  addEventListener('live:applied', event => event.detail === 'me' && tell());
  keep(news());                                          // what was there when the page came is no news
})();
