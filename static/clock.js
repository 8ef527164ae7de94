// How far this device's clock is from ours, learned from answers and kept for times without a network; a wrong one is said.

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

// Clocks are never quite alike, and the way to the server takes a moment.
const LEAST_MS = 120000;

/** What to say of a clock that needs so much added to be ours, in milliseconds; nothing where it is right. */
export function clockWords(offsetMs) {
  const minutes = Math.round(Math.abs(offsetMs) / 60000);
  if (Math.abs(offsetMs) < LEAST_MS) return "";
  let [many, unit] = [minutes, "minute"];
  if (minutes >= 90) [many, unit] = [Math.round(minutes / 60), "hour"];
  if (minutes >= 23 * 60) [many, unit] = [Math.round(minutes / 1440), "day"];
  return `This device’s clock is ${many} ${unit}${many === 1 ? "" : "s"} ${offsetMs < 0 ? "ahead" : "behind"}. Scans are kept with the right time; set the clock.`;
}
