// The door: reads badges by camera, hardware scanner or keyboard, asks the server, and shows the answer.

import { tellQueue } from "./heartbeat.js";

const body = document.body;
const el = (id) => document.getElementById(id);
const scanUrl = body.dataset.scanUrl;
const framesUrl = body.dataset.framesUrl;
const checkpoint = body.dataset.checkpoint;
const inOnly = body.dataset.inOnly === "yes";
const csrf = document.querySelector('meta[name="csrf-token"]').content;

const SAME_CODE_MS = 3000;
const FRAME_EVERY_MS = 200;
const FRAME_WIDTH = 640;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 15000;
const ANSWER_WITHIN_MS = 4000;

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

/* Sound and vibration: three answers that differ with eyes closed. */
let audio = null;
let soundOn = true;
const TONES = {
  yes: [[880, 0, 0.12], [1320, 0.12, 0.18]],
  wait: [[660, 0, 0.14], [660, 0.22, 0.14]],
  no: [[196, 0, 0.22], [147, 0.24, 0.4]],
};
const BUZZES = { yes: [80], wait: [80, 80, 80], no: [350, 90, 350] };

function wakeSound() {
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!Audio) return;
  audio ??= new Audio();
  if (audio.state === "suspended") audio.resume().catch(() => {});
}

function sound(tone) {
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

/* The answer stays until the next scan. */
const answer = el("answer");

function show({ tone, word, name = "", line = "", message = "", outcome = "" }) {
  answer.className = `answer answer--${tone}`;
  answer.dataset.outcome = outcome;
  el("answer-word").textContent = word;
  el("answer-name").textContent = name ?? "";
  el("answer-line").textContent = line ?? "";
  el("answer-message").textContent = message;
  document.title = `${word} · ${document.querySelector(".door__name").textContent}`;
  // Restarts the short movement when the same answer comes twice.
  void answer.offsetWidth;
  answer.classList.add("is-new");
}

function showAnswer(result) {
  // The server knows more than the outcome says: a pick-up, a way out, an event that refuses who owes money.
  const [word, tone] = result.word && result.tone in TONES ? [result.word, result.tone] : OUTCOMES[result.outcome] ?? OUTCOMES.unknown;
  show({ ...result, word, tone });
  sound(tone);
  if (typeof result.present === "number") el("present").textContent = String(result.present);
}

/* Network state and what waits to be sent. */
const waiting = [];
let sending = false;
let retryMs = RETRY_FIRST_MS;
let retryTimer = 0;
let troubled = false;

function showNet() {
  const net = el("net");
  const queue = el("queue");
  const many = waiting.length;
  const down = !navigator.onLine || troubled;
  net.dataset.state = down ? "offline" : many > 1 ? "waiting" : "online";
  const queued = many === 1 ? "1 waiting to send" : `${many} waiting to send`;
  net.textContent = down ? (many ? `Offline, ${queued}` : "Offline") : many > 1 ? `Sending ${many}` : "Online";
  queue.hidden = !(down && many);
  queue.textContent = queued;
  tellQueue(many, waiting[0]?.scanned_at ?? null);
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function direction() {
  return document.querySelector('#scan-form input[name="direction"]:checked, #scan-form input[name="direction"][type="hidden"]')?.value ?? "in";
}

let lastToken = "";
let lastAt = -Infinity;

/** Takes one read code: asks the server, unless the same code was read just now. */
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
  waiting.push({ id: newId(), checkpoint, token, direction: direction(), scanned_at: new Date().toISOString() });
  answer.classList.add("is-sending");
  showNet();
  send();
}

async function send() {
  if (sending || !waiting.length) return;
  sending = true;
  clearTimeout(retryTimer);
  const scan = waiting[0];
  try {
    const response = await fetch(scanUrl, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(scan),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (response.status === 429 || response.status >= 500) throw new Error(String(response.status));
    const result = await response.json().catch(() => ({}));
    waiting.shift();
    troubled = false;
    retryMs = RETRY_FIRST_MS;
    if (response.ok) showAnswer(result);
    else refuse(response.status, result);
    sending = false;
    showNet();
    send();
  } catch {
    // The same id goes again, so a scan whose answer was lost is counted once.
    sending = false;
    troubled = true;
    showNet();
    show({ tone: "idle", word: "NO ANSWER", message: "The server cannot be reached. The scan is kept and sent again by itself. Look at the badge and decide." });
    retryTimer = setTimeout(send, retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
  }
}

function refuse(status, problem) {
  const signedOut = status === 401 || status === 403;
  show({
    tone: "no",
    word: signedOut ? "SIGN IN" : "NOT READ",
    message: problem.detail ?? (signedOut ? "This device is no longer signed in. Reload the page." : "The server did not take this code. Try again."),
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
      take(typed);
      input.value = "";
    }
    typed = "";
  } else if (event.key.length === 1) {
    typed += event.key;
  }
}, true);

/* Camera: the browser's own reader where it exists, else frames to the server. */
const video = el("video");
const cameraButton = el("camera-button");
let stream = null;
let watching = 0;

async function ownReader() {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    return formats.includes("qr_code") ? new window.BarcodeDetector({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
}

// Volunteers who had the camera on get it back after a reload; some browsers refuse to store anything.
function remember(value) {
  try { localStorage.setItem("door-camera", value); } catch { /* the button is there */ }
}

function remembered() {
  try { return localStorage.getItem("door-camera"); } catch { return null; }
}

const canvas = document.createElement("canvas");
const brush = canvas.getContext("2d", { willReadFrequently: true });

function grayFrame() {
  const scale = Math.min(1, FRAME_WIDTH / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  brush.filter = "grayscale(1)";
  brush.drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
}

async function readFrame(reader) {
  if (reader) return (await reader.detect(video))[0]?.rawValue ?? null;
  const frame = await grayFrame();
  if (!frame) return null;
  const response = await fetch(framesUrl, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "image/jpeg", Accept: "application/json", "X-CSRF-Token": csrf },
    body: frame,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).text;
}

async function watch(turn, reader) {
  while (turn === watching && stream) {
    const began = performance.now();
    if (video.readyState >= 2 && !document.hidden) {
      try {
        const text = await readFrame(reader);
        if (turn === watching && text) take(text);
      } catch {
        // A lost frame costs nothing, the next one comes; only wait a little longer.
        await new Promise((go) => setTimeout(go, 800));
      }
    }
    const rest = FRAME_EVERY_MS - (performance.now() - began);
    await new Promise((go) => setTimeout(go, Math.max(rest, 0)));
  }
}

async function startCamera() {
  cameraButton.disabled = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } } });
    video.srcObject = stream;
    await video.play();
    el("camera").hidden = false;
    body.classList.add("has-camera");
    cameraButton.textContent = "Camera off";
    remember("on");
    watching += 1;
    watch(watching, await ownReader());
  } catch (error) {
    stopCamera();
    const why = error.name === "NotAllowedError" ? "The camera is not allowed for this page. Allow it in the browser, or type the code." : "No camera could be started. Type the code, or use a scanner.";
    show({ tone: "idle", word: "NO CAMERA", message: why });
  } finally {
    cameraButton.disabled = false;
  }
}

function stopCamera() {
  watching += 1;
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  el("camera").hidden = true;
  body.classList.remove("has-camera");
  cameraButton.textContent = "Camera on";
}

if (navigator.mediaDevices?.getUserMedia) {
  cameraButton.hidden = false;
  cameraButton.addEventListener("click", () => {
    if (stream) {
      remember("");
      stopCamera();
    } else startCamera();
  });
  if (remembered() === "on") startCamera();
}

const soundButton = el("sound-button");
soundButton.hidden = false;
soundButton.addEventListener("click", () => {
  soundOn = !soundOn;
  soundButton.textContent = soundOn ? "Sound off" : "Sound on";
});
// Browsers allow sound only after a tap or a key.
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wakeSound, { passive: true });

// Keeps the phone awake at the door, where the browser can.
async function stayAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* battery saver says no */ }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) stayAwake(); });
stayAwake();

window.addEventListener("online", () => { troubled = false; showNet(); send(); });
window.addEventListener("offline", showNet);
window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
showNet();
