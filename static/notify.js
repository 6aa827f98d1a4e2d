// Tells the agent of what is new: once for the person, however many windows are open, and not of what they are looking at.
//
// One window of this browser leads (it holds a lock until it closes) and makes the sound and the notice; the others know by a channel and by
// storage what was told, so that whoever leads next does not tell it again. Outside the page stand initials at most, never what was said.
(() => {
  const PAUSE = 10000, ANSWER = 80, KEPT = 60, NEAR = 100;
  const agent = document.body.dataset.agent, KEY = `told:${agent}`;
  const $ = id => document.getElementById(id);
  if (!agent || !$('me-state')) return;
  const tabs = new BroadcastChannel(`notify:${agent}`);
  let leads = false, played = 0, seen = new Set();

  const stored = () => { try { return JSON.parse(localStorage.getItem(KEY)) ?? []; } catch { return []; } };
  const keep = ids => { try { localStorage.setItem(KEY, JSON.stringify([...ids, ...stored()].slice(0, KEPT))); } catch { /* barred: this window remembers */ } };
  const watches = id => !document.hidden && $('timeline')?.dataset.id === id && $('log').scrollTop > -NEAR;

  function news() {
    const state = $('me-state').dataset, found = [];
    if (state.word) found.push({ id: state.word, text: state.wordText, href: state.wordHref, conversation: state.word.split(':')[0], sound: 'word' });
    for (const item of document.querySelectorAll('#notice-list > .new')) {
      found.push({ id: item.dataset.id, text: item.dataset.notify, href: `/c/${item.dataset.conversation}`, conversation: item.dataset.conversation, sound: ['mention', 'assigned'].includes(item.dataset.kind) ? 'notice' : null });
    }
    return found;
  }

  const watched = item => new Promise(resolve => {       // any window may be looking at it
    if (watches(item.conversation)) return resolve(true);
    const answer = ({ data }) => { if (data.watched === item.id) done(true); };
    const done = is => { tabs.removeEventListener('message', answer); resolve(is); };
    tabs.addEventListener('message', answer);
    tabs.postMessage({ asks: item.id, conversation: item.conversation });
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
    const known = new Set(stored()), fresh = news().filter(item => !seen.has(item.id) && !known.has(item.id));
    for (const item of news()) seen.add(item.id);
    if (!leads || !fresh.length) return;
    keep(fresh.map(item => item.id));
    for (const item of fresh.sort((a, b) => (b.sound === 'notice') - (a.sound === 'notice'))) {
      if (await watched(item)) continue;
      ring(item.sound);
      show(item);
    }
  }

  tabs.addEventListener('message', ({ data }) => { if (data.asks && watches(data.conversation)) tabs.postMessage({ watched: data.asks }); });
  navigator.locks?.request(`notify:${agent}`, () => { leads = true; return new Promise(() => {}); });
  addEventListener('live:applied', event => event.detail === 'me' && tell());
  for (const item of news()) seen.add(item.id);          // what was there when the page came is no news
})();
