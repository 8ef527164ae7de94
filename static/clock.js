// A device whose clock is wrong: its scans get the right time by what the server said, and whoever holds it is told.

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
