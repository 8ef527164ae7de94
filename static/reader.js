// The camera of a door: the browser's own reader of QR codes where it exists, else the decoder from the binary,
// else frames to the server.

const FRAME_EVERY_MS = 200;
const FRAME_WIDTH = 640;
const ANSWER_WITHIN_MS = 4000;

const canvas = document.createElement("canvas");
const brush = canvas.getContext("2d", { willReadFrequently: true });

function draw(video) {
  const scale = Math.min(1, FRAME_WIDTH / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  brush.drawImage(video, 0, 0, canvas.width, canvas.height);
}

async function ownReader() {
  if (!("BarcodeDetector" in window)) return null;
  const formats = await window.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return null;
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function decoder(url) {
  if (!url) return null;
  const { prepareZXingModule, readBarcodes } = await import(`${url}es/reader/index.js`);
  await prepareZXingModule({ overrides: { locateFile: () => `${url}reader/zxing_reader.wasm` }, fireImmediately: true });
  return async (video) => {
    draw(video);
    const found = await readBarcodes(brush.getImageData(0, 0, canvas.width, canvas.height), { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true });
    return found[0]?.text ?? null;
  };
}

function serverReader(url, csrf) {
  return async (video) => {
    brush.filter = "grayscale(1)";
    draw(video);
    const frame = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.8));
    if (!frame) return null;
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "image/jpeg", Accept: "application/json", "X-CSRF-Token": csrf },
      body: frame,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()).text;
  };
}

async function bestReader({ decoderUrl, framesUrl, csrf }) {
  for (const [kind, find] of [["browser", ownReader], ["decoder", () => decoder(decoderUrl)]]) {
    try {
      const reader = await find();
      if (reader) return [kind, reader];
    } catch {
      // The next one.
    }
  }
  return ["server", serverReader(framesUrl, csrf)];
}

let stream = null;
let watching = 0;

/** Shows the camera in `video` and calls `found(text)` for every code in view; fails where there is no camera. */
export async function startCamera(video, options, found) {
  stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } } });
  video.srcObject = stream;
  await video.play();
  watching += 1;
  const turn = watching;
  const [kind, read] = await bestReader(options);
  document.body.dataset.reader = kind;
  watch(turn, video, read, found);
}

async function watch(turn, video, read, found) {
  while (turn === watching && stream) {
    const began = performance.now();
    if (video.readyState >= 2 && !document.hidden) {
      try {
        const text = await read(video);
        if (turn === watching && text) found(text);
      } catch {
        // A lost frame costs nothing, the next one comes; only wait a little longer.
        await new Promise((go) => setTimeout(go, 800));
      }
    }
    const rest = FRAME_EVERY_MS - (performance.now() - began);
    await new Promise((go) => setTimeout(go, Math.max(rest, 0)));
  }
}

export function stopCamera(video) {
  watching += 1;
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
}

export const hasCamera = () => stream !== null;

const track = () => stream?.getVideoTracks()[0];

/** Whether the phone's light can be turned on for this camera. */
export const hasTorch = () => Boolean(track()?.getCapabilities?.().torch);

export async function setTorch(on) {
  await track()?.applyConstraints({ advanced: [{ torch: on }] });
}
