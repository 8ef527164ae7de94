// The live page updates itself: the server sends the board whenever it changed; without this script "Reload" does it.

const board = document.getElementById("board");
const PATIENCE_MS = 6000;
const state = document.getElementById("live-state");

function show(kind, words) {
  if (state.dataset.state === kind) return;
  state.dataset.state = kind;
  state.textContent = words;
}

function replace(html) {
  const open = [...board.querySelectorAll("details[open][id]")].map((one) => one.id);
  const focused = board.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
  board.innerHTML = html;
  for (const id of open) board.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  if (focused && focused !== board.id) {
    const again = board.querySelector(`#${CSS.escape(focused)}`);
    (again?.querySelector("summary") ?? again)?.focus({ preventScroll: true });
  }
}

if ("EventSource" in window) {
  let trouble = 0;
  const source = new EventSource(board.dataset.events);
  source.addEventListener("board", (event) => {
    show("live", "Live");
    replace(event.data);
  });
  source.addEventListener("open", () => {
    clearTimeout(trouble);
    show("live", "Live");
  });
  // The browser tries again by itself, unless the server refused. Streams end every few minutes and are opened
  // again at once, which is no trouble yet.
  source.addEventListener("error", () => {
    clearTimeout(trouble);
    if (source.readyState === EventSource.CLOSED) show("off", "Stopped: reload, or sign in again");
    else trouble = setTimeout(() => show("waits", "No connection, trying again"), PATIENCE_MS);
  });
  window.addEventListener("pagehide", () => source.close());
  // A page that the browser kept shows old numbers.
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}
