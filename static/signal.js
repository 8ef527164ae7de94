// What an answer sounds and feels like: three that differ with eyes closed.

let audio = null;
let soundOn = true;

const TONES = {
  yes: [[880, 0, 0.12], [1320, 0.12, 0.18]],
  wait: [[660, 0, 0.14], [660, 0.22, 0.14]],
  no: [[196, 0, 0.22], [147, 0.24, 0.4]],
};
const BUZZES = { yes: [80], wait: [80, 80, 80], no: [350, 90, 350] };

/** Browsers allow sound only after a tap or a key. */
export function wakeSound() {
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!Audio) return;
  audio ??= new Audio();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

/** Tells an answer to ears and hands. */
export function sound(tone) {
  if (soundOn && audio && audio.state === "running") {
    for (const [pitch, after, seconds] of TONES[tone]) {
      const start = audio.currentTime + after;
      const wave = audio.createOscillator();
      const gain = audio.createGain();
      wave.type = tone === "no" ? "square" : "triangle";
      wave.frequency.value = pitch;
      gain.gain.setValueAtTime(0.0001, start);
      gain.gain.exponentialRampToValueAtTime(0.5, start + 0.01);
      gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
      wave.connect(gain).connect(audio.destination);
      wave.start(start);
      wave.stop(start + seconds);
    }
  }
  if (navigator.vibrate) navigator.vibrate(BUZZES[tone]);
}

/** Turns the sound off or on; tells whether it is on now. */
export function toggleSound() {
  soundOn = !soundOn;
  return soundOn;
}
