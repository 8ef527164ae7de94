// The list that a pick-up desk goes on with while it hears nothing of the server (CHK-4). On the disk it is sealed
// under a key that no script can read; it is opened in memory, and deleted when the sign-in ends.

import { learnClock, ourNow, startClock } from "./clock.js";
import { decide } from "./decide.js";
import { get, keys, put, remove } from "./keep.js";
import { read } from "./roster.js";

const PREFIX = "desk:";
const EVERY_MS = 120000;
const LOOK_MS = 15000;
const ANSWER_WITHIN_MS = 10000;

const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

let name = "";
let url = "";
let told = () => {};
let kept = null;
let contents = null;
// What was handed out or taken back here while the server could not be asked, by registration.
let here = {};

/** Deletes every list on this laptop; what waits to be sent stays. */
export async function forgetAll() {
  for (const key of await keys("rosters")) if (String(key).startsWith(PREFIX)) await remove("rosters", key);
}

/** Opens what is kept and renews it now and again; `listener(state, list)` hears of kept, expired, signed-out and none. */
export async function startList(base, listener) {
  name = PREFIX + base;
  url = `${base}/list`;
  told = listener;
  await startClock();
  here = (await get("inside", name)) ?? {};
  kept = (await get("rosters", name)) ?? null;
  if (!(await expire())) await openKept();
  await renew();
  setInterval(renew, EVERY_MS);
  setInterval(expire, LOOK_MS);
  window.addEventListener("online", renew);
}

async function forget(state) {
  kept = null;
  contents = null;
  await remove("rosters", name);
  told(state, null);
}

async function expire() {
  if (!kept || ourNow() < Date.parse(kept.expires_at)) return false;
  await forget("expired");
  return true;
}

async function openKept() {
  if (!kept) {
    told("none", null);
    return;
  }
  try {
    const sealed = unhex(kept.sealed);
    const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.slice(0, 12) }, kept.key, sealed.slice(12));
    contents = JSON.parse(new TextDecoder().decode(opened));
    told("kept", kept);
  } catch {
    await forget("none");
  }
}

/** Asks for the list; true when the server answered. */
export async function renew() {
  const began = Date.now();
  let response;
  try {
    const headers = { Accept: "application/json", ...(kept ? { "If-None-Match": `"${kept.version}"` } : {}) };
    response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (response.redirected || response.status === 401 || response.status === 403) {
      await forget("signed-out");
      return true;
    }
    if (response.status === 304) {
      await learnClock(response, began);
      return true;
    }
    if (!response.ok) return false;
    const { key: secret, ...list } = await response.json();
    await learnClock(response, began);
    const key = await crypto.subtle.importKey("raw", unhex(secret), "AES-GCM", false, ["decrypt"]);
    kept = { ...list, key };
    await put("rosters", name, kept);
    await openKept();
    return true;
  } catch {
    // The one we have is good until the sign-in ends.
    return false;
  }
}

/** Whether there is a list to go on with. */
export const hasList = () => contents !== null;

/** Everything handed out here has arrived, so the server's list says it too. */
export async function settled() {
  here = {};
  await remove("inside", name);
  await renew();
}

/** Keeps that a badge was handed out ("in") or taken back ("out") here. */
export async function note(card, direction) {
  here[card.code] = { direction, at: new Date(ourNow()).toISOString() };
  await put("inside", name, here);
}

const LETTERS = { ł: "l", ø: "o", đ: "d", ß: "ss", æ: "ae", œ: "oe", þ: "th", ð: "d" };

// As src/people/rules.rs folds names.
function fold(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[łøđßæœþð]/g, (letter) => LETTERS[letter]);
  return plain.replace(/[’‘'ʻʼ`´.\u200c\u200d]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** The provisional answer to a person, as a scan would be decided now. */
function answerOf(card) {
  const where = contents.kinds[card.kind] ?? { pickups: [], elsewhere: null };
  const at = new Date(ourNow()).toISOString();
  const seen = { kind: "badge", ...card.holder };
  const own = here[card.code];
  if (own) seen.here_since = own.direction === "in" ? own.at : null;
  const answer = decide({ ...contents.place, pickups: where.pickups }, seen, { direction: "in", at, is_overridden: false });
  if (where.elsewhere && answer.lets_pass) return { ...answer, tone: "wait", word: "OTHER DESK", message: where.elsewhere };
  return answer;
}

/** A card as the server's search gives it. */
function personOf(card) {
  const answer = answerOf(card);
  const own = here[card.code];
  const since = own ? (own.direction === "in" ? "here, and not sent yet" : null) : card.picked_up && `${card.picked_up.when} by ${card.picked_up.by}, ${card.picked_up.desk}`;
  return { ...card, answer, picked_up: since, needs: "", may_override: false, page: null, provisional: true };
}

/** Looks in the list: `{ people, more, answer }` as the server's search gives it. */
export async function findHere(typed, most) {
  if (!contents || (await expire())) return null;
  const code = read(typed);
  if (code.kind === "ours") {
    const place = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`lanyard roster place ${code.token}`))).slice(0, 32);
    const card = contents.cards.find((one) => one.badge === place);
    const answer = { tone: "wait", word: "NOT ON THE LIST", lets_pass: false, outcome: "unknown", message: "This code is not on this laptop’s list: it is newer than the list, or an old badge. Search for the name." };
    return card ? { people: [personOf(card)], more: false, answer: null } : { people: [], more: false, answer };
  }
  if (code.kind === "damaged" || typed.includes("://")) {
    return { people: [], more: false, answer: decide(contents.place, { kind: code.kind }, { direction: "in", at: new Date(ourNow()).toISOString(), is_overridden: false }) };
  }
  const words = fold(typed).split(" ").filter(Boolean);
  if (!words.length) return { people: [], more: false, answer: null };
  const fits = (card) => { const all = ` ${card.words}`; return words.every((word) => all.includes(` ${word}`)); };
  const found = contents.cards.filter(fits);
  return { people: found.slice(0, most).map(personOf), more: found.length > most, answer: null };
}

/** The person again, after something was noted. */
export const again = (code) => { const card = contents?.cards.find((one) => one.code === code); return card ? personOf(card) : null; };

/** The event's zone, once there is a list. */
export const zone = () => contents?.place.zone;

export const count = () => contents?.cards.length ?? 0;
