// Ids of scans, made on the device. They begin with the time (UUIDv7), so that the server writes new ones side by side.

let last = 0;

/** A new id, above every one that this page made before, also within a millisecond or after the clock was set back. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  last = Math.max(Date.now(), last + 1);
  // Six bytes of milliseconds; a shift would cut them off at 32 bits.
  let time = last;
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
