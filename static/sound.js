// The two sounds of the desk, made here and not fetched: a new word in my conversation, and a mention or an assignment.
(() => {
  const NOTES = { word: [[660, 0], [880, 0.09]], notice: [[523, 0], [659, 0.1], [784, 0.2]] };   // hertz, seconds from now
  const LOUD = 0.12, LONG = 0.32;
  let audio;

  function ready() {                                     // a browser gives sound only to a page that was touched
    audio ??= 'AudioContext' in window ? new AudioContext() : null;
    if (audio?.state === 'suspended') audio.resume();
    return audio;
  }

  function note(hertz, after) {
    const from = audio.currentTime + after, tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUD, from + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + LONG);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + LONG);
  }

  const play = kind => { if (ready()) for (const [hertz, after] of NOTES[kind]) note(hertz, after); };

  trato.sound = { play };
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-sound-test]')) return;
    play('word');
    setTimeout(play, 700, 'notice');
    const box = document.getElementById('pref-sound');
    if (!box.checked) box.click();
  });
  for (const event of ['pointerdown', 'keydown']) addEventListener(event, () => document.getElementById('shell')?.dataset.sound === 'on' && ready(), { once: true, capture: true });
})();
