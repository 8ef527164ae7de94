/* Sends the file of a form in parts that can be resumed (tus 1.0), then the form with the upload's id instead of the file.
   <form data-uploads="/…/uploads" data-purpose="…"> with a file field, a hidden field `upload`, and [data-upload-state]. */

const PART = 5 * 1024 * 1024;
const LONGEST_PAUSE = 30000;
const SILENT = 90000;
const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/* What is known of a file that was being sent, also after the page was closed. */
const nameOf = (uploads, file) => `upload ${uploads} ${file.name} ${file.size} ${file.lastModified}`;
const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
const remember = (name, place) => { try { if (place) localStorage.setItem(name, place); else localStorage.removeItem(name); } catch { /* only resuming later is lost */ } };

/* A refusal that trying again does not change. */
class Refused extends Error {}

/* The sign-in is over. What was sent is still there for whoever signs in again. */
class SignedOut extends Error {
  constructor() { super("Your sign-in is over. Load this page again, sign in, and choose the same file: it goes on where it was."); }
}
const isSignedOut = (status) => status === 401 || status === 403;

async function said(response) {
  try { return (await response.json()).detail; } catch { return `The server answered ${response.status}.`; }
}

async function ask(path, options) {
  const headers = { "X-CSRF-Token": token(), "Tus-Resumable": "1.0.0", Accept: "application/problem+json", ...options.headers };
  const response = await fetch(path, { ...options, headers, credentials: "same-origin" });
  if (isSignedOut(response.status)) throw new SignedOut();
  if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
  return response;
}

async function announce(uploads, purpose, file) {
  const metadata = `filename ${base64(file.name)},purpose ${base64(purpose)}`;
  const response = await ask(uploads, { method: "POST", headers: { "Upload-Length": String(file.size), "Upload-Metadata": metadata } });
  if (!response.ok) throw new Refused(await said(response));
  return response.headers.get("Location");
}

/* Where an upload stands; null when it is gone. */
async function standing(place, size) {
  const response = await ask(place, { method: "HEAD", headers: {} });
  if (!response.ok || Number(response.headers.get("Upload-Length")) !== size) return null;
  return Number(response.headers.get("Upload-Offset"));
}

/* One part, by XMLHttpRequest, since fetch tells nothing while it sends. */
function send(place, offset, part, state, tell) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    state.request = request;
    request.open("PATCH", place);
    for (const [name, value] of Object.entries({
      "X-CSRF-Token": token(), "Tus-Resumable": "1.0.0", "Upload-Offset": String(offset),
      "Content-Type": "application/offset+octet-stream", Accept: "application/problem+json",
    })) request.setRequestHeader(name, value);
    // A slow line is no broken one: only where nothing goes any more it is tried anew.
    let silence;
    const heard = () => { clearTimeout(silence); silence = setTimeout(() => request.abort(), SILENT); };
    heard();
    request.upload.onprogress = (event) => { heard(); tell(offset + event.loaded); };
    request.onerror = request.onabort = () => { clearTimeout(silence); fail(new Error("cut off")); };
    request.onload = () => {
      clearTimeout(silence);
      if (isSignedOut(request.status)) return fail(new SignedOut());
      if (request.status === 204) return done(Number(request.getResponseHeader("Upload-Offset")));
      if (request.status >= 500 || request.status === 429) return fail(new Error(`status ${request.status}`));
      let problem = {};
      try { problem = JSON.parse(request.responseText); } catch { /* then the status has to do */ }
      if (problem.code === "uploads.moved") return fail(new Error("moved"));
      fail(new Refused(problem.detail ?? `The server answered ${request.status}.`));
    };
    request.send(part);
  });
}

function sizeWords(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function leftWords(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return ", less than a minute left";
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `, about ${minutes} min left` : `, about ${Math.round(minutes / 60)} hours left`;
}

async function upload(form, file, view, state) {
  const { uploads, purpose } = form.dataset;
  const name = nameOf(uploads, file);
  const begun = { at: performance.now(), from: null };
  const tell = (sent) => {
    begun.from ??= sent;
    view.bar.value = (sent / file.size) * 100;
    const rate = (sent - begun.from) / (performance.now() - begun.at) * 1000;
    view.said.textContent = `${sizeWords(Math.min(sent, file.size))} of ${sizeWords(file.size)} sent${leftWords((file.size - sent) / rate)}`;
  };
  let place = remembered(name);
  let offset = null;
  let pause = 1000;
  for (;;) {
    await state.resumed;
    try {
      if (place && offset === null) offset = await standing(place, file.size);
      if (offset === null) {
        place = await announce(uploads, purpose, file);
        remember(name, place);
        offset = 0;
      }
      tell(offset);
      // Whole already, and finished or to be finished by an empty part.
      do {
        offset = await send(place, offset, file.slice(offset, offset + PART), state, tell);
        pause = 1000;
        tell(offset);
        await state.resumed;
      } while (offset < file.size);
      remember(name, null);
      return place.split("/").pop();
    } catch (cause) {
      if (cause instanceof SignedOut) throw cause;
      if (cause instanceof Refused) { remember(name, null); throw cause; }
      offset = null;
      if (!state.paused) {
        view.said.textContent = `The connection is cut off. It is tried again; what was sent is kept.`;
        await Promise.race([wait(pause), new Promise((done) => addEventListener("online", done, { once: true }))]);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  }
}

function enhance(form) {
  const panel = form.querySelector("[data-upload-state]");
  const view = { bar: panel.querySelector("progress"), said: panel.querySelector("[role=status]") };
  const pause = panel.querySelector("[data-upload-pause]");
  const button = form.querySelector("button:not([type=button])");
  const state = { paused: false, resumed: Promise.resolve(), request: null, running: false };
  pause.addEventListener("click", () => {
    state.paused = !state.paused;
    pause.textContent = state.paused ? "Go on" : "Pause";
    if (state.paused) {
      state.resumed = new Promise((done) => { state.resume = done; });
      state.request?.abort();
      view.said.textContent = "Paused. What was sent is kept for a day.";
    } else state.resume?.();
  });
  addEventListener("beforeunload", (event) => { if (state.running) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    const field = form.querySelector('input[type="file"]');
    const file = field.files[0];
    if (!file) return;
    event.preventDefault();
    panel.hidden = false;
    button.disabled = true;
    field.disabled = true;
    state.running = true;
    try {
      form.elements.upload.value = await upload(form, file, view, state);
      state.running = false;
      view.said.textContent = "Sent.";
      form.submit();
    } catch (cause) {
      state.running = false;
      view.said.textContent = cause.message;
      button.disabled = false;
      field.disabled = false;
    }
  });
}

document.querySelectorAll("form[data-uploads]").forEach(enhance);
