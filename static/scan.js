// The door: reads badges by camera, hardware scanner or keyboard, asks the server, and shows the answer. Where the
// server does not answer in time the device decides by its roster, and sends what it decided when it can.

import { clockOffset } from "./clock.js";
import { newId } from "./ids.js";
import { tellQueue } from "./heartbeat.js";
import { decideHere, rememberAnswer, startOffline } from "./offline.js";
import { offerOverride, onOverride } from "./override.js";
import { drainSoon, keep, send, startQueue, taken } from "./queue.js";
import { hasCamera, hasTorch, setTorch, startCamera, stopCamera } from "./reader.js";
import { sound, toggleSound, wakeSound } from "./signal.js";

const body = document.body;
const el = (id) => document.getElementById(id);
const { scanUrl, framesUrl, rosterUrl, decoderUrl, checkpoint } = body.dataset;
const inOnly = body.dataset.inOnly === "yes";
const csrf = document.querySelector('meta[name="csrf-token"]').content;

const SAME_CODE_MS = 3000;
// Longer than a busy server takes, shorter than a person at the door waits.
const ANSWER_WITHIN_MS = 2500;

// Word and tone of every outcome; the server's sentence says what to do next.
const OUTCOMES = {
  admitted: ["ADMIT", "yes"],
  already_in: inOnly ? ["WELCOME BACK", "yes"] : ["ALREADY IN", "wait"],
  unpaid: ["ADMIT", "wait"],
  not_enrolled: ["NOT ON LIST", "no"],
  waitlisted: ["WAITING", "wait"],
  full: ["FULL", "no"],
  canceled: ["CANCELED", "no"],
  revoked: ["OLD BADGE", "no"],
  wrong_event: ["WRONG EVENT", "no"],
  outside_window: ["NOT OPEN", "wait"],
  unknown: ["NOT KNOWN", "no"],
};
const TONES = ["yes", "wait", "no"];

/* The answer stays until the next scan. */
const answer = el("answer");

function show({ tone, word, name = "", line = "", message = "", outcome = "", provisional = false }) {
  answer.className = `answer answer--${tone}`;
  answer.dataset.outcome = outcome;
  el("answer-word").textContent = word;
  el("answer-name").textContent = name ?? "";
  el("answer-line").textContent = line ?? "";
  el("answer-message").textContent = message;
  el("answer-provisional").hidden = !provisional;
  document.title = `${word} · ${document.querySelector(".door__name").textContent}`;
  // Restarts the short movement when the same answer comes twice.
  void answer.offsetWidth;
  answer.classList.add("is-new");
}

function showAnswer(result, scan) {
  // The server knows more than the outcome says: a pick-up, a way out, an event that refuses who owes money.
  const [word, tone] = result.word && TONES.includes(result.tone) ? [result.word, result.tone] : OUTCOMES[result.outcome] ?? OUTCOMES.unknown;
  show({ ...result, word, tone });
  offerOverride(result.may_be_overridden ? scan : null);
  sound(tone);
  if (typeof result.present === "number") el("present").textContent = String(result.present);
  if (result.room) {
    el("present").textContent = String(result.room.present);
    el("room").textContent = result.room.words;
    el("room").hidden = !result.room.words;
  }
}

/* Network state and what waits to be sent. */
let troubled = false;
let queue = { many: 0, oldest: null, refused: 0, stopped: "" };

function showNet() {
  const net = el("net");
  const down = troubled || !navigator.onLine;
  const waiting = queue.many === 1 ? "1 waiting to send" : `${queue.many} waiting to send`;
  net.dataset.state = down ? "offline" : queue.many ? "waiting" : "online";
  net.dataset.waiting = String(queue.many);
  if (queue.stopped === "sign_in") net.textContent = `Sign in again: ${waiting}`;
  else if (down) net.textContent = queue.many ? `Offline, ${waiting}` : "Offline";
  else net.textContent = queue.many ? `Sending ${queue.many}` : "Online";
  const left = el("queue");
  left.hidden = !queue.refused;
  left.textContent = `${queue.refused} not taken by the server: tell the desk`;
  tellQueue(queue.many, queue.oldest);
}

startQueue(csrf, (state) => {
  queue = state;
  // An empty queue was sent: the server is there again.
  if (state.stopped === "sent" && !state.many) troubled = false;
  if (state.stopped === "unreachable") troubled = true;
  showNet();
});

function direction() {
  return document.querySelector('#scan-form input[name="direction"]:checked, #scan-form input[name="direction"][type="hidden"]')?.value ?? "in";
}

let lastToken = "";
let lastAt = -Infinity;
let turn = Promise.resolve();

/** Takes one read code, one after the other, unless the same code was read just now. */
function take(text, { typed = false } = {}) {
  const token = text.trim();
  if (!token) return;
  const now = performance.now();
  const key = `${direction()} ${token}`;
  if (!typed && key === lastToken && now - lastAt < SAME_CODE_MS) {
    // Still in view: three seconds count from the last sight of it.
    lastAt = now;
    return;
  }
  lastToken = key;
  lastAt = now;
  inTurn({ token, direction: direction() });
}

/** One scan after the other; each has an id and a time of its own. */
function inTurn(what) {
  const scan = { id: newId(), checkpoint, ...what, scanned_at: new Date().toISOString(), clock_offset_ms: clockOffset() };
  turn = turn.then(() => answerScan(scan)).catch(() => show({ tone: "idle", word: "NOT KEPT", message: "This device could not keep the scan. Look at the badge and decide; tell the desk." }));
}

onOverride(({ token, direction: way }, reason) => inTurn({ token, direction: way, override: { reason } }));

async function answerScan(scan) {
  offerOverride(null);
  answer.classList.add("is-sending");
  if (!troubled) {
    // On the disk first: whatever happens to page or network now, the scan is sent.
    await keep(scanUrl, scan);
    try {
      const result = await send(scanUrl, scan, ANSWER_WITHIN_MS);
      showAnswer(result, scan);
      await rememberAnswer(scan, result).catch(() => {});
      await taken(scan);
      return;
    } catch (error) {
      if (error.status >= 400 && error.status < 500 && error.status !== 429) {
        await refuse(scan, error);
        return;
      }
      troubled = true;
    }
  }
  await decideAlone(scan);
  drainSoon(1000);
}

async function decideAlone(scan) {
  const decision = await decideHere(scan.token, scan.direction, Boolean(scan.override));
  await keep(scanUrl, { ...scan, offline: true, ...(decision ? { decided: decision.outcome } : {}) });
  if (decision) showAnswer(decision, scan);
  else show({ tone: "idle", word: "NO ANSWER", message: "The server cannot be reached. The scan is kept and sent again by itself. Look at the badge and decide." });
  showNet();
}

/** The server answered, and took nothing: signed out (the scan waits), or what was read is no scan (it goes). */
async function refuse(scan, error) {
  const signedOut = error.status === 401 || error.status === 403;
  if (signedOut) drainSoon(0);
  else await taken(scan);
  show({
    tone: "no",
    word: signedOut ? "SIGN IN" : "NOT READ",
    message: signedOut ? "This device is no longer signed in. Nothing is lost: sign in or pair it again, and what waits is sent." : error.detail ?? "The server did not take this code. Try again.",
  });
  sound("no");
}

/* Typed codes, and scanners that type. */
const form = el("scan-form");
const input = el("token");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  take(input.value, { typed: true });
  input.value = "";
});

// A hardware scanner types a code within a few hundredths of a second and ends with Enter,
// whatever is focused; people type more slowly than 50 ms a key.
const WEDGE_KEY_MS = 50;
const WEDGE_LEAST = 8;
let typed = "";
let typedAt = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const now = event.timeStamp;
  if (now - typedAt > WEDGE_KEY_MS) typed = "";
  typedAt = now;
  if (event.key === "Enter") {
    if (typed.length >= WEDGE_LEAST) {
      event.preventDefault();
      event.stopPropagation();
      // A scanner that paused within a code leaves its beginning in the field.
      const isTail = document.activeElement === input && input.value.endsWith(typed) && !typed.toUpperCase().startsWith("LYD1");
      take(isTail ? input.value : typed);
      input.value = "";
    }
    typed = "";
  } else if (event.key.length === 1) {
    typed += event.key;
  }
}, true);

/* Camera, light and sound. */
const video = el("video");
const cameraButton = el("camera-button");
const torchButton = el("torch-button");

// Volunteers who had the camera on get it back after a reload; some browsers refuse to store anything.
function remember(value) {
  try { localStorage.setItem("door-camera", value); } catch { /* the button is there */ }
}

function remembered() {
  try { return localStorage.getItem("door-camera"); } catch { return null; }
}

function showCamera(on) {
  el("camera").hidden = !on;
  body.classList.toggle("has-camera", on);
  cameraButton.textContent = on ? "Camera off" : "Camera on";
  torchButton.hidden = !on || !hasTorch();
}

async function cameraOn() {
  cameraButton.disabled = true;
  try {
    await startCamera(video, { decoderUrl, framesUrl, csrf }, take);
    showCamera(true);
    remember("on");
  } catch (error) {
    cameraOff();
    const why = error.name === "NotAllowedError" ? "The camera is not allowed for this page. Allow it in the browser, or type the code." : "No camera could be started. Type the code, or use a scanner.";
    show({ tone: "idle", word: "NO CAMERA", message: why });
  } finally {
    cameraButton.disabled = false;
  }
}

function cameraOff() {
  stopCamera(video);
  showCamera(false);
}

if (navigator.mediaDevices?.getUserMedia) {
  cameraButton.hidden = false;
  cameraButton.addEventListener("click", () => {
    if (hasCamera()) {
      remember("");
      cameraOff();
    } else cameraOn();
  });
  if (remembered() === "on") cameraOn();
}

let lit = false;
torchButton.addEventListener("click", async () => {
  lit = !lit;
  await setTorch(lit).catch(() => { lit = false; });
  torchButton.textContent = lit ? "Light off" : "Light on";
});

const soundButton = el("sound-button");
soundButton.hidden = false;
soundButton.addEventListener("click", () => { soundButton.textContent = toggleSound() ? "Sound off" : "Sound on"; });
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wakeSound, { passive: true });

// Keeps the phone awake at the door, where the browser can.
async function stayAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* battery saver says no */ }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) stayAwake(); });
stayAwake();

/* Without a connection: the roster, and a page that opens all the same. */
startOffline(`${location.pathname}`, rosterUrl).catch(() => {});

async function keepPage() {
  const worker = (await navigator.serviceWorker.ready).active;
  const files = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => new URL(name).pathname.startsWith("/static/"));
  if (decoderUrl) files.push(...["es/reader/index.js", "es/share.js", "reader/zxing_reader.wasm"].map((name) => new URL(decoderUrl + name, location.href).href));
  worker.postMessage({ page: location.pathname, files });
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/static/door-worker.js", { scope: "/staff/events/" }).then(keepPage).catch(() => {});
  navigator.serviceWorker.addEventListener("message", (event) => { if (event.data === "kept") body.dataset.page = "kept"; });
}

window.addEventListener("online", () => { troubled = false; showNet(); });
window.addEventListener("offline", showNet);
showNet();
