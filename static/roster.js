// The roster of a door (CHK-4): a presented badge opens its own record and no other. Kept in IndexedDB as it came,
// sealed; the event's tag key is kept as a CryptoKey that no script can read.

import { get, put } from "./keep.js";

const MARK = "LYD1";
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const text = new TextEncoder();

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const digest = (words) => crypto.subtle.digest("SHA-256", text.encode(words));

/** The canonical text of one of our codes and its bytes; `kind` is ours, damaged or foreign. */
export function read(scanned) {
  if (scanned.length > 200) return { kind: "foreign" };
  const folded = scanned.replace(/[\s-]/g, "").toUpperCase();
  if (!folded.startsWith(MARK)) return { kind: "foreign" };
  const letters = folded.slice(MARK.length);
  if (letters.length !== 52) return { kind: "damaged" };
  const bytes = [];
  let bits = 0;
  let count = 0;
  for (const letter of letters) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return { kind: "damaged" };
    bits = (bits << 5) | value;
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
      bits &= (1 << count) - 1;
    }
  }
  return bits === 0 ? { kind: "ours", token: folded, number: Uint8Array.from(bytes.slice(0, 16)), tag: Uint8Array.from(bytes.slice(16)) } : { kind: "damaged" };
}

/** Keeps a roster that was just fetched; its tag key becomes unreadable. */
export async function keepRoster(door, roster) {
  const { tag_key: tagKey, ...rest } = roster;
  const key = await crypto.subtle.importKey("raw", unhex(tagKey), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  await put("rosters", door, { ...rest, key });
}

/** The roster of a door while it is good at this time (ours, in ms), or null. */
export async function rosterOf(door, nowMs) {
  const roster = await get("rosters", door);
  return roster && nowMs < Date.parse(roster.expires_at) ? roster : null;
}

// The tag is the first half of the HMAC, so it is computed and compared; the key itself cannot be taken out.
async function tagFits(roster, code) {
  const whole = new Uint8Array(await crypto.subtle.sign("HMAC", roster.key, code.number)).slice(0, 16);
  return whole.reduce((other, byte, index) => other | (byte ^ code.tag[index]), 0) === 0;
}

const placeOfCode = async (code) => hex(await digest(`lanyard roster place ${code.token}`)).slice(0, 32);

/** Where a badge's record stands in rosters; none where the code is no badge. */
export async function placeOf(scanned) {
  const code = read(scanned);
  return code.kind === "ours" ? placeOfCode(code) : null;
}

/** What a code turns out to be by the roster alone: `seen` for the decision, with name and line where there is a record. */
export async function look(roster, scanned) {
  const code = read(scanned);
  if (code.kind !== "ours") return { seen: { kind: code.kind } };
  // Without the server a badge of another event looks like one that nobody made.
  if (!(await tagFits(roster, code))) return { seen: { kind: "forged" } };
  const place = await placeOfCode(code);
  if (roster.revoked.includes(place)) return { place, seen: { kind: "badge", is_revoked: true } };
  const sealed = roster.records[place];
  if (!sealed) return { place, seen: { kind: "new_badge" } };
  const key = await crypto.subtle.importKey("raw", await digest(`lanyard roster key ${code.token}`), "AES-GCM", false, ["decrypt"]);
  const bytes = unhex(sealed);
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes.slice(0, 12) }, key, bytes.slice(12));
  const record = JSON.parse(new TextDecoder().decode(opened));
  return { place, name: record.name, line: record.line, seen: { kind: "badge", ...record.holder } };
}
