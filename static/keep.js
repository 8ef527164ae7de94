// What a door or desk keeps through reloads and restarts: the queue of scans, rosters, and who came in while it was offline.

const STORES = ["queue", "rosters", "inside"];

function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open("lanyard-door", 1);
    request.onupgradeneeded = () => STORES.forEach((name) => request.result.createObjectStore(name));
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

let opened = null;

async function run(store, mode, work) {
  opened ??= open();
  const db = await opened;
  return new Promise((done, failed) => {
    // Strict: a scan counts as kept only when it is on the disk.
    const transaction = db.transaction(store, mode, { durability: "strict" });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => done(request?.result);
    transaction.onerror = () => failed(transaction.error);
    transaction.onabort = () => failed(transaction.error);
  });
}

export const get = (store, key) => run(store, "readonly", (all) => all.get(key));
export const put = (store, key, value) => run(store, "readwrite", (all) => all.put(value, key));
export const remove = (store, key) => run(store, "readwrite", (all) => all.delete(key));
export const keys = (store) => run(store, "readonly", (all) => all.getAllKeys());
export const list = (store) => run(store, "readonly", (all) => all.getAll());
