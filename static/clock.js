// How far this device's clock is from ours, learned from answers and kept for times without a network.

import { get, put } from "./keep.js";

let offsetMs = 0;

/** Remembers what was learned before. */
export async function startClock() {
  offsetMs = (await get("rosters", "clock"))?.offset_ms ?? 0;
}

/** Learns from an answer to a question that was asked at `began` (this device's ms). */
export async function learnClock(response, began) {
  const ours = Date.parse(response.headers.get("x-lanyard-now") ?? "");
  if (!Number.isFinite(ours)) return;
  offsetMs = ours - (began + Date.now()) / 2;
  await put("rosters", "clock", { offset_ms: offsetMs });
}

/** What to add to this device's time to get ours, in whole milliseconds. */
export const clockOffset = () => Math.round(offsetMs);

/** Our time, in ms. */
export const ourNow = () => Date.now() + offsetMs;
