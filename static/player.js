/* The player of a recording: speed, keys, where one left, what was watched, and a fresh link when the old one is over. */

const media = document.getElementById("media");
const player = document.getElementById("player");
const said = document.getElementById("said");
const speed = document.getElementById("speed");
const restart = document.getElementById("restart");
const here = location.pathname;
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const REPORT_EVERY = 15000;

document.getElementById("bar").hidden = false;
document.getElementById("keys").hidden = false;

const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  return `${hours ? `${hours}:` : ""}${hours ? two(Math.floor(whole / 60) % 60) : Math.floor(whole / 60)}:${two(whole % 60)}`;
};

/* A recording without a length in its head (some browsers make such) tells it when its end was seen. */
let length = 0;
const learnLength = () => { if (Number.isFinite(media.duration) && media.duration > 0) length = media.duration; };

/* Where one left. */
const position = Number(player.dataset.position) || 0;
let resumed = false;
const begin = () => {
  learnLength();
  if (position > 0 && media.currentTime === 0 && !resumed) {
    resumed = true;
    media.currentTime = position;
    restart.hidden = false;
    said.textContent = `You left at ${clock(position)}, and go on from there.`;
  }
};
media.addEventListener("loadedmetadata", begin);
// The head of a small or kept file may have come before this script.
if (media.readyState >= 1) begin();
media.addEventListener("durationchange", learnLength);
restart.addEventListener("click", () => { media.currentTime = 0; restart.hidden = true; said.textContent = ""; media.play(); });

/* What was watched: intervals in which the media's own time went on by itself. */
let from = null;
let last = 0;
let waiting = [];
const close = () => {
  if (from !== null && last > from) waiting.push([from, last]);
  from = null;
};
const follow = () => {
  const now = media.currentTime;
  // Time that jumps was not watched; at double speed an event comes every half second at most.
  if (from !== null && (now < last || now - last > 1.5 * Math.max(1, media.playbackRate))) close();
  if (from === null && !media.paused && !media.seeking) from = now;
  last = now;
};
media.addEventListener("timeupdate", () => { if (!media.seeking) follow(); });
media.addEventListener("playing", () => { if (from === null) { from = last = media.currentTime; } });
media.addEventListener("seeking", () => { close(); });
media.addEventListener("pause", () => { if (!media.seeking) follow(); close(); report(); });
media.addEventListener("ended", () => { learnLength(); follow(); if (from !== null && length) last = length; close(); report(); });

function take() {
  if (from !== null) { const begin = from; follow(); close(); if (begin !== null && !media.paused) from = last; }
  const watched = waiting;
  waiting = [];
  return watched;
}

function bodyOf(watched) {
  return new URLSearchParams({
    csrf: token, position: media.currentTime.toFixed(3), duration: length.toFixed(3),
    watched: watched.map(([begin, end]) => `${begin.toFixed(3)}-${end.toFixed(3)}`).join(","),
  });
}

async function report() {
  const watched = take();
  if (watched.length === 0) return;
  try {
    const response = await fetch(`${here}/progress`, { method: "POST", body: bodyOf(watched), credentials: "same-origin", keepalive: true });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const progress = await response.json();
    if (progress) {
      document.getElementById("watched").value = progress.percent;
      document.getElementById("watched-words").textContent = progress.words;
    }
  } catch {
    // It goes with the next report.
    waiting = [...watched, ...waiting];
  }
}

setInterval(report, REPORT_EVERY);
addEventListener("pagehide", () => { const watched = take(); if (watched.length) navigator.sendBeacon(`${here}/progress`, bodyOf(watched)); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") report(); });

/* A link works for minutes. When it is over, the next one goes on at the same place. */
let renewals = 0;
media.addEventListener("error", async () => {
  const [at, played] = [media.currentTime || last || position, !media.paused];
  if (++renewals > 3) { said.textContent = "The recording cannot be played now. Load the page again in a moment."; return; }
  try {
    const response = await fetch(`${here}/link`, { headers: { Accept: "application/problem+json" }, credentials: "same-origin" });
    if (!response.ok) { said.textContent = (await response.json()).detail ?? "Load the page again."; return; }
    resumed = true;
    media.src = (await response.json()).src;
    media.addEventListener("loadedmetadata", () => { media.currentTime = at; if (played) media.play(); }, { once: true });
  } catch {
    said.textContent = "The connection is cut off. It is tried again.";
    setTimeout(() => media.dispatchEvent(new Event("error")), 3000);
  }
});
if (media.error) media.dispatchEvent(new Event("error"));
media.addEventListener("playing", () => { renewals = 0; });

/* Speed, kept for the next recording. */
const SPEEDS = [...speed.options].map((option) => Number(option.value));
function setSpeed(rate) {
  media.playbackRate = rate;
  speed.value = String(rate);
  try { localStorage.setItem("recording speed", String(rate)); } catch { /* then the next one begins at 1 */ }
}
try { const kept = Number(localStorage.getItem("recording speed")); if (SPEEDS.includes(kept)) { media.defaultPlaybackRate = kept; setSpeed(kept); } } catch { /* as above */ }
speed.addEventListener("change", () => setSpeed(Number(speed.value)));
const stepSpeed = (step) => setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(media.playbackRate) + step))]);

const jump = (seconds) => { media.currentTime = Math.max(0, Math.min(length || Infinity, media.currentTime + seconds)); };
const toggle = () => { if (media.paused) media.play(); else media.pause(); };
function toggleCaptions() {
  const tracks = [...media.textTracks];
  const shown = tracks.find((track) => track.mode === "showing");
  if (shown) shown.mode = "disabled"; else if (tracks.length) tracks[0].mode = "showing";
}
document.getElementById("back").addEventListener("click", () => jump(-10));
document.getElementById("on").addEventListener("click", () => jump(10));

const KEYS = {
  " ": toggle, k: toggle, ArrowLeft: () => jump(-5), ArrowRight: () => jump(5), j: () => jump(-10), l: () => jump(10),
  "<": () => stepSpeed(-1), ">": () => stepSpeed(1), m: () => { media.muted = !media.muted; }, c: toggleCaptions,
  f: () => { if (document.fullscreenElement) document.exitFullscreen(); else media.requestFullscreen?.(); },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  // What is typed or pressed elsewhere, and what the browser's own controls know, is theirs.
  const target = event.target;
  if (target.closest("input, select, textarea, button, a, summary, dialog")) return;
  const key = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!key || (target === media && [" ", "ArrowLeft", "ArrowRight"].includes(event.key))) return;
  event.preventDefault();
  key();
});
