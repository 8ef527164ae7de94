// What a door decides by itself while it hears nothing of the server (CHK-4), and what it keeps for that.

import { clockOffset, clockWords, learnClock, ourNow, startClock } from "./clock.js";
import { decide } from "./decide.js";
import { get, put } from "./keep.js";
import { keepRoster, look, placeOf, rosterOf } from "./roster.js";

const EVERY_MS = 120000;
const ANSWER_WITHIN_MS = 10000;
const LASTS_MS = 24 * 3600 * 1000;

let door = "";
let url = "";

/** Learns the roster of this door now and again, and our clock with it. */
export async function startOffline(doorKey, rosterUrl) {
  door = doorKey;
  url = rosterUrl;
  await startClock();
  showClock();
  await renew();
  setInterval(renew, EVERY_MS);
  window.addEventListener("online", renew);
}

function showClock() {
  const words = clockWords(clockOffset());
  const place = document.getElementById("clock");
  if (!place) return;
  place.hidden = !words;
  place.textContent = words;
}

async function renew() {
  const known = await get("rosters", door);
  const began = Date.now();
  try {
    const headers = known ? { "If-None-Match": `"${known.version}"` } : {};
    const response = await fetch(url, { credentials: "same-origin", cache: "no-store", headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    if (!response.ok && response.status !== 304) return;
    await learnClock(response, began);
    showClock();
    const now = new Date(ourNow()).toISOString();
    if (response.status === 304) await put("rosters", door, { ...known, made_at: now, expires_at: new Date(ourNow() + LASTS_MS).toISOString() });
    else await keepRoster(door, await response.json());
    document.body.dataset.roster = "kept";
  } catch {
    // The one we have is good for a day.
  }
}

/** What the server answered counts here too: the network may be gone a moment later, before the next roster. */
export async function rememberAnswer(scan, answer) {
  const place = answer.lets_pass ? await placeOf(scan.token) : null;
  if (place) await put("inside", `${door} ${place}`, { direction: scan.direction, at: new Date(ourNow()).toISOString(), is_told: true });
}

/** The provisional answer to a scan, or null when there is no roster to decide by. */
export async function decideHere(token, direction, isOverridden) {
  const now = ourNow();
  const roster = await rosterOf(door, now);
  if (!roster) return null;
  const found = await look(roster, token);
  const at = new Date(now).toISOString();
  const place = roster.place;
  const key = found.place ? `${door} ${found.place}` : null;
  const isNew = found.seen.kind === "new_badge";
  // A badge made after the roster: its tag is genuine, and more is not known here.
  const seen = isNew
    ? { kind: "badge", is_revoked: false, status: "confirmed", owes: false, is_covered: true, seat: "enrolled", free_seats: null, unclaimed_seats: 0, ahead: 0, given_away_at: null, here_since: null }
    : { ...found.seen };
  const last = key ? await get("inside", key) : null;
  // What the server knew is in the next roster, with what happened at other doors since.
  const here = last?.is_told && Date.parse(last.at) < Date.parse(roster.made_at) ? null : last;
  if (here && seen.kind === "badge") seen.here_since = here.direction === "in" ? here.at : null;
  let answer = decide(place, seen, { direction, at, is_overridden: isOverridden });
  if (isNew && answer.lets_pass) {
    answer = { ...answer, tone: "wait", message: "A genuine badge, newer than the list on this phone. Let the person in; it is checked when the connection is back." };
  }
  if (key && answer.lets_pass && (answer.outcome !== "already_in" || direction === "out")) await put("inside", key, { direction, at });
  return { ...answer, name: found.name ?? "", line: found.line ?? "", provisional: true };
}
