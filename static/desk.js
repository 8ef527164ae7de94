// The pick-up desk: one field for codes and names, by keyboard and hardware scanner. Where the server does not answer,
// the laptop goes on by its list, and sends what was handed out when it can.

import { clockOffset } from "./clock.js";
import { newId } from "./ids.js";
import { again, count, findHere, hasList, note, renew, settled, startList, zone } from "./desk-list.js";
import { hideCard, markHit, showAnswer, showCard, showHits, showNobody, showPdf } from "./desk-view.js";
import { drainSoon, keep, send, startQueue, taken } from "./queue.js";
import { sound, wakeSound } from "./signal.js";

const body = document.body;
const el = (id) => document.getElementById(id);
const base = body.dataset.base;
const mayTakeBack = body.dataset.mayTakeBack === "yes";
const pickUpsUrl = `${base}/pick-ups`;
const csrf = document.querySelector('meta[name="csrf-token"]').content;

const WAIT_MS = 150;
const ANSWER_WITHIN_MS = 2500;
const LEAST_LETTERS = 2;
const MOST_LISTED = 12;
// Some scanners end a code with two line ends; the second must not hand a badge out.
const LOOK_FIRST_MS = 600;

const field = el("q");
field.setAttribute("role", "combobox");
field.setAttribute("aria-autocomplete", "list");
field.setAttribute("aria-controls", "hits");
field.setAttribute("aria-expanded", "false");
el("net").hidden = false;
el("keys-help").hidden = false;

/* The network, the queue and the list. */
let troubled = false;
let queue = { many: 0, refused: 0, stopped: "" };
let listWords = "";

function showNet() {
  const net = el("net");
  const down = troubled || !navigator.onLine;
  const waiting = `${queue.many} waiting to send`;
  net.dataset.state = down ? "offline" : queue.many ? "waiting" : "online";
  net.dataset.waiting = String(queue.many);
  if (queue.stopped === "sign_in") net.textContent = `Sign in again: ${waiting}`;
  else if (down) net.textContent = queue.many ? `Offline, ${waiting}` : "Offline";
  else net.textContent = queue.many ? `Sending ${queue.many}` : "Online";
  const state = el("list-state");
  const refused = queue.refused ? ` ${queue.refused} not taken by the server: look at the people’s pages.` : "";
  state.textContent = listWords + refused;
  state.hidden = !state.textContent;
  if (!down) el("no-walk-ins").hidden = true;
}

function clock(instant) {
  return new Date(instant).toLocaleString("en-US", { weekday: "short", hour: "numeric", minute: "2-digit", timeZone: zone() });
}

const LIST_WORDS = {
  expired: "The list on this laptop has expired and was deleted. With a connection, sign in again; without one, use the paper list.",
  "signed-out": "Nobody is signed in here any more, and the list on this laptop was deleted. Sign in again.",
  none: "There is no list on this laptop yet. Without a connection, use the paper list.",
};

startList(base, (state, list) => {
  body.dataset.list = state;
  listWords = list ? `${count()} ${count() === 1 ? "person" : "people"} on this laptop’s list of ${clock(list.made_at)}, encrypted, deleted at sign-out and ${clock(list.expires_at)} at the latest.` : LIST_WORDS[state];
  showNet();
}).catch(() => { listWords = "This browser keeps no list: without a connection, use the paper list."; showNet(); });

startQueue(csrf, (state) => {
  queue = state;
  if (state.stopped === "sent" && !state.many) {
    troubled = false;
    settled().catch(() => {});
  }
  if (state.stopped === "unreachable") troubled = true;
  showNet();
});

// Nothing may wait to be sent; then the list itself tells when the server is there again.
setInterval(async () => { if (troubled && !queue.many && (await renew())) { troubled = false; showNet(); } }, 5000);

/* Finding. */
let people = [];
let marked = -1;
// Whose card is shown, and whether something was done with it already: then Enter belongs to the next person.
let person = null;
let isDone = false;
let shownAt = 0;
let timer = 0;
let asking = null;

function clear() {
  people = [];
  person = null;
  marked = -1;
  showHits([], false, open);
  showNobody(false);
  hideCard();
}

function open(one) {
  clear();
  person = one;
  isDone = false;
  shownAt = performance.now();
  showAnswer(one.answer, one.provisional === true);
  showCard(one, { canPrint: !one.provisional, mayTakeBack });
  el("said").textContent = `${one.name}: ${one.answer.word}. ${one.answer.message}`;
  field.focus();
  field.select();
}

function show(found, takeOnly) {
  clear();
  people = found.people;
  if (found.answer) {
    showAnswer(found.answer);
    showCard(null, { canPrint: false, mayTakeBack });
    sound(found.answer.tone);
    el("said").textContent = `${found.answer.word}. ${found.answer.message}`;
    field.select();
  } else if (people.length === 1 && takeOnly) open(people[0]);
  else if (people.length) {
    marked = 0;
    showHits(people, found.more, open);
    markHit(0);
    el("said").textContent = `${people.length}${found.more ? " and more" : ""} found. Enter opens ${people[0].name}.`;
  } else {
    showNobody(true);
    el("said").textContent = "Nobody found.";
  }
}

/** Asks the server, or this laptop where it does not answer; `takeOnly` opens the one who fits. */
async function find(typed, takeOnly) {
  asking?.abort();
  const mine = new AbortController();
  asking = mine;
  let found = null;
  if (!troubled) {
    try {
      const url = new URL(`${base}/people`, location.href);
      url.searchParams.set("q", typed);
      const response = await fetch(url, {
        headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store",
        signal: AbortSignal.any([mine.signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      });
      if (response.redirected || response.status === 401) location.reload();
      if (!response.ok) throw new Error(String(response.status));
      found = await response.json();
    } catch {
      if (mine.signal.aborted) return;
      troubled = true;
      drainSoon(1000);
    }
  }
  found ??= await findHere(typed, MOST_LISTED);
  if (mine.signal.aborted) return;
  asking = null;
  showNet();
  if (found) show(found, takeOnly);
  else {
    clear();
    showAnswer({ tone: "idle", word: "NO ANSWER", message: "The server cannot be reached, and there is no list on this laptop. Use the paper list." });
  }
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  asking?.abort();
  const typed = field.value.trim();
  // Whatever was shown belongs to what was typed before.
  person = null;
  people = [];
  hideCard();
  el("flash")?.remove();
  if (typed.length < LEAST_LETTERS) {
    clear();
    return;
  }
  timer = setTimeout(() => find(typed, false), WAIT_MS);
});

function submitFound() {
  clearTimeout(timer);
  const typed = field.value.trim();
  if (person) {
    if (!isDone && performance.now() - shownAt > LOOK_FIRST_MS) firstButton()?.click();
    return undefined;
  }
  if (!asking && people.length && marked >= 0) return open(people[marked]);
  return typed ? find(typed, true) : undefined;
}

function firstButton() {
  if (el("hand-out").hidden) return null;
  return [el("print-and-hand-out"), el("hand-out-only")].find((button) => !button.hidden && !button.classList.contains("button--plain"));
}

el("find").addEventListener("submit", (event) => {
  event.preventDefault();
  submitFound();
});

field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" && people.length) { event.preventDefault(); marked = (marked + 1) % people.length; markHit(marked); }
  else if (event.key === "ArrowUp" && people.length) { event.preventDefault(); marked = marked <= 0 ? people.length - 1 : marked - 1; markHit(marked); }
  else if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); if (person && !isDone && !el("hand-out").hidden) el("hand-out-only").click(); }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  field.value = "";
  clear();
  field.focus();
});

// A hardware scanner types wherever the focus is; a code that begins elsewhere than in a field begins anew in ours.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || event.key === "/" || event.key === " " || event.key === "?") return;
  if (event.target.closest("input, textarea, select, summary")) return;
  field.value = "";
  field.focus();
}, true);

/* Handing out and taking back. */
let busy = false;

async function take(one, { direction, reason, print }) {
  if (busy) return;
  busy = true;
  const pickUp = { id: newId(), registration: one.code, direction, scanned_at: new Date().toISOString(), clock_offset_ms: clockOffset(), ...(one.badge ? { badge: one.badge } : {}), ...(reason ? { reason } : {}) };
  el("answer").classList.add("is-sending");
  try {
    if (!troubled) await ask(one, pickUp, print);
    if (troubled) await alone(one, pickUp);
  } catch {
    showAnswer({ tone: "no", word: "NOT KEPT", message: "This laptop could not keep the pick-up. Write it on the paper list." });
  } finally {
    busy = false;
    field.focus();
    field.select();
  }
}

/** Asks the server; on the disk first, so that whatever happens now it is sent. */
async function ask(one, pickUp, print) {
  await keep(pickUpsUrl, pickUp);
  try {
    const result = await send(pickUpsUrl, { ...pickUp, print }, ANSWER_WITHIN_MS);
    await taken(pickUp);
    open(result.person);
    showAnswer(result.answer);
    sound(result.answer.tone);
    el("said").textContent = `${one.name}: ${result.answer.word}. ${result.answer.message}`;
    showPdf(result.pdf);
    if (result.pdf) printBadge(result.pdf);
    isDone = true;
  } catch (error) {
    if (error.status >= 400 && error.status < 500 && error.status !== 429) {
      const signedOut = error.status === 401 || error.status === 403;
      if (signedOut) drainSoon(0);
      else await taken(pickUp);
      showAnswer({ tone: "no", word: signedOut ? "SIGN IN" : "NOT TAKEN", message: signedOut ? "Nobody is signed in here any more. Nothing is lost: sign in again, and what waits is sent." : error.detail ?? "The server did not take this." });
      sound("no");
      return;
    }
    troubled = true;
  }
}

/** Without the server: what the list allows is handed out and kept to be sent. */
async function alone(one, pickUp) {
  const known = hasList() ? again(one.code) : null;
  const decided = pickUp.direction === "in" ? (known ?? one).answer : null;
  if (decided && !decided.lets_pass && !pickUp.reason) {
    await taken(pickUp);
    showAnswer(decided, true);
  } else {
    await keep(pickUpsUrl, { ...pickUp, offline: true, ...(decided ? { decided: decided.outcome } : {}) });
    await note(one, pickUp.direction);
    const done = pickUp.direction === "in"
      ? { tone: decided.tone, word: "HANDED OUT", outcome: decided.outcome, message: "Kept on this laptop, and sent when the connection is back. Take the badge that was printed ahead." }
      : { tone: "yes", word: "TAKEN BACK", outcome: "admitted", message: "Kept on this laptop, and sent when the connection is back." };
    const now = hasList() ? again(one.code) : null;
    if (now) showCard(now, { canPrint: false, mayTakeBack });
    showAnswer(done, true);
    el("said").textContent = `${one.name}: ${done.word}. ${done.message}`;
    sound(done.tone);
    el("hand-out").hidden = true;
    if (now) person = now;
    isDone = true;
  }
  showNet();
  drainSoon(1000);
}

/** Brings up the browser's print dialog for the badge, over this page. */
function printBadge(pdf) {
  document.getElementById("press")?.remove();
  const frame = document.createElement("iframe");
  frame.id = "press";
  frame.className = "desk__press";
  frame.title = "The badge that is printed";
  frame.tabIndex = -1;
  frame.addEventListener("load", () => {
    try {
      frame.contentWindow.print();
      body.dataset.press = "printed";
    } catch {
      // The link on the card opens it.
      body.dataset.press = "not printed";
    }
    field.focus();
  });
  frame.src = pdf;
  body.append(frame);
}

for (const form of document.querySelectorAll("#card form")) {
  form.addEventListener("submit", (event) => {
    const sent = new FormData(form, event.submitter);
    // A card that came with the page is the server's; its forms go as they are.
    if (!person || sent.get("registration") !== person.code) return;
    event.preventDefault();
    take(person, { direction: sent.get("direction"), reason: sent.get("reason") ?? "", print: sent.get("print") === "yes" });
  });
}

el("walk-in").addEventListener("click", (event) => {
  if (!troubled && navigator.onLine) return;
  event.preventDefault();
  el("no-walk-ins").hidden = false;
  el("no-walk-ins").scrollIntoView({ block: "nearest" });
});

for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wakeSound, { passive: true });
window.addEventListener("online", () => { troubled = false; showNet(); });
window.addEventListener("offline", showNet);
showNet();

/* A page that came with somebody's card: the script takes it over, and the page is the desk's own again when reloaded. */
if (location.pathname !== base || location.search) {
  const code = el("person").hidden ? "" : document.querySelector('#hand-out [name="registration"]').value;
  const typed = field.value.trim();
  history.replaceState(null, "", base);
  if (code && el("pdf").hidden) find(code, true).then(() => { field.value = ""; });
  else if (typed && !code) find(typed, true);
}

/* A page that opens without a network. */
async function keepPage() {
  const worker = (await navigator.serviceWorker.ready).active;
  const files = performance.getEntriesByType("resource").map((entry) => entry.name).filter((url) => new URL(url).pathname.startsWith("/static/"));
  worker.postMessage({ page: base, files });
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/static/door-worker.js", { scope: "/staff/events/" }).then(keepPage).catch(() => {});
  navigator.serviceWorker.addEventListener("message", (event) => { if (event.data === "kept") body.dataset.page = "kept"; });
}
