// The queue of a door: every scan is on the device's disk before anybody hears an answer, and stays there until the
// server has taken it. It survives reloads and restarts, and sends itself with the original times.

import { list, put, remove } from "./keep.js";

const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 15000;
const ANSWER_WITHIN_MS = 8000;

let retryMs = RETRY_FIRST_MS;
let timer = 0;
let told = () => {};
let csrf = "";

/** `told(state)` hears of every change: how many wait, the oldest time, and why sending stopped, if it did. */
export function startQueue(token, listener) {
  csrf = token;
  told = listener;
  window.addEventListener("online", () => drainSoon(0));
  drainSoon(0);
}

const keyOf = (scan) => `${scan.scanned_at} ${scan.id}`;

/** Keeps a scan, or what became of it meanwhile. */
export async function keep(url, scan) {
  await put("queue", keyOf(scan), { url, scan });
  await tell();
}

/** Forgets a scan that the server has taken. */
export async function taken(scan) {
  await remove("queue", keyOf(scan));
  await tell();
}

async function tell(stopped = "") {
  const all = await list("queue");
  const waiting = all.filter((one) => !one.refused);
  told({ many: waiting.length, oldest: waiting[0]?.scan.scanned_at ?? null, refused: all.length - waiting.length, stopped });
  return waiting;
}

/** One scan to the server: its answer, or an error with `status` where it gave none. */
export async function send(url, scan, withinMs) {
  const response = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(scan),
    signal: AbortSignal.timeout(withinMs),
  });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw Object.assign(new Error(body.detail ?? String(response.status)), { status: response.status, detail: body.detail });
}

/** Sends what waits, oldest first, after this many milliseconds. */
export function drainSoon(afterMs) {
  clearTimeout(timer);
  timer = setTimeout(() => navigator.locks ? navigator.locks.request("lanyard-door-queue", { ifAvailable: true }, (lock) => lock && drain()) : drain(), afterMs);
}

async function drain() {
  const waiting = await tell();
  for (const { url, scan } of waiting) {
    try {
      await send(url, { ...scan, offline: true }, ANSWER_WITHIN_MS);
      retryMs = RETRY_FIRST_MS;
      await taken(scan);
    } catch (error) {
      if (error.status === 401 || error.status === 403) {
        // Nothing is lost: whoever signs in or pairs the phone again sends it.
        await tell("sign_in");
        return;
      }
      if (error.status >= 400 && error.status < 500 && error.status !== 429) {
        // The server will never take this one; it stays to be looked at, and the others go on.
        await put("queue", keyOf(scan), { url, scan, refused: error.detail ?? String(error.status) });
        continue;
      }
      await tell("unreachable");
      drainSoon(retryMs);
      retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
      return;
    }
  }
  await tell(waiting.length ? "sent" : "");
}
