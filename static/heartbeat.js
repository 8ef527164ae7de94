// A paired phone says every half minute, and soon after a change, how it is: battery, and how many scans wait.
// Where nobody is to be told (staff signed in themselves), the page has no address for it and nothing is sent.

const url = document.body.dataset.heartbeatsUrl;
const EVERY_MS = 30000;
const SOON_MS = 1500;
const ANSWER_WITHIN_MS = 8000;

let queued = 0;
let oldest = null;
let battery = null;
let timer = 0;
let dueAt = 0;

function plan(afterMs) {
  const at = performance.now() + afterMs;
  if (timer && at >= dueAt) return;
  clearTimeout(timer);
  dueAt = at;
  timer = setTimeout(beat, afterMs);
}

/** Tells how many scans wait to be sent, and the device's time of the oldest (RFC 3339), or null. */
export function tellQueue(many, oldestAt) {
  if (!url || (many === queued && oldestAt === oldest)) return;
  queued = many;
  oldest = oldestAt;
  plan(SOON_MS);
}

async function beat() {
  timer = 0;
  const report = { queued, app_version: document.body.dataset.version ?? "" };
  if (oldest) report.oldest_queued_at = oldest;
  if (battery) {
    report.battery = Math.round(battery.level * 100);
    report.charging = battery.charging;
  }
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content },
      body: JSON.stringify(report),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    // Revoked, or its time is over: whoever holds the phone reads it, and other scripts may act on it.
    if (response.status === 401) {
      const device = document.getElementById("device");
      if (device) device.textContent = "Not paired any more";
      document.dispatchEvent(new CustomEvent("lanyard:unpaired"));
      return;
    }
  } catch {
    // Without a connection the next one tells.
  }
  plan(EVERY_MS);
}

if (url) {
  // Few browsers tell the battery; the others report without it.
  navigator.getBattery?.().then((found) => {
    battery = found;
    for (const kind of ["levelchange", "chargingchange"]) found.addEventListener(kind, () => plan(SOON_MS));
    plan(SOON_MS);
  }, () => {});
  window.addEventListener("online", () => plan(SOON_MS));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) plan(SOON_MS); });
  plan(SOON_MS);
}
