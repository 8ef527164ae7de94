// Keeps the pages of doors and pick-up desks and what they need, so that one that is reloaded without a connection
// opens all the same.
// The network comes first; what is kept is used when it does not answer in time.

const KEPT = "lanyard-door-1";
const WAIT_MS = 3000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function isKept(request) {
  if (request.method !== "GET") return false;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== location.origin) return false;
  // The desk's page is kept as it is before anybody was searched for.
  const isPage = /\/checkpoints\/[^/]+$/.test(pathname) || (/\/checkpoints\/[^/]+\/desk$/.test(pathname) && !search);
  return pathname.startsWith("/static/") || (request.mode === "navigate" && isPage);
}

async function networkFirst(request) {
  const kept = await caches.open(KEPT);
  // One page for a door, however it was reached.
  const key = request.mode === "navigate" ? new URL(request.url).pathname : request;
  const asked = fetch(request).then(async (response) => {
    if (response.ok && !response.redirected) await kept.put(key, response.clone());
    return response;
  });
  const late = new Promise((done) => setTimeout(done, WAIT_MS, null));
  const fresh = await Promise.race([asked.catch(() => null), late]);
  if (fresh && fresh.status < 500) return fresh;
  return (await kept.match(key)) ?? asked;
}

// The first visit came before this worker: the page names itself and what it has loaded.
self.addEventListener("message", (event) => {
  const { page, files } = event.data ?? {};
  if (typeof page !== "string" || !Array.isArray(files)) return;
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT);
    for (const [key, url] of [[page, page], ...files.map((file) => [file, file])]) {
      const response = await fetch(url, { credentials: "same-origin" });
      if (response.ok && !response.redirected) await kept.put(key, response);
    }
    event.source?.postMessage("kept");
  })());
});

self.addEventListener("fetch", (event) => {
  if (isKept(event.request)) event.respondWith(networkFirst(event.request));
});
