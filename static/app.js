// Small improvements of pages that work without them: hospital search as one types, and keys for staff.

/* Hospital search: <fieldset data-hospitals="/api/v1/hospitals"> from parts/hospital. */
const WAIT_MS = 180;
const LEAST_LETTERS = 2;
const MOST_SHOWN = 12;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function about(hospital) {
  const words = [`${hospital.city}, ${hospital.state}`];
  if (hospital.ccn) words.push(`CCN ${hospital.ccn}`);
  if (hospital.recognized_until) words.push(`recognized until ${hospital.recognized_until}`);
  return words.join(" · ");
}

function hospitalSearch(group) {
  const input = group.querySelector('input[type="search"]');
  const chosen = group.querySelector("[data-chosen]");
  const list = make("ul", { class: "combo__list", role: "listbox", id: `${input.id}-list`, "aria-label": "Hospitals" });
  const said = make("p", { class: "hidden-visually", role: "status" });
  list.hidden = true;
  input.after(list);
  group.append(said);
  group.querySelector("[data-plain]")?.remove();
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }

  let found = [];
  let at = -1;
  let timer = 0;
  let asking = null;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (next) => {
    at = next;
    [...list.querySelectorAll('[role="option"]')].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === at));
      if (index === at) item.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };

  const open = (nodes, words) => {
    list.replaceChildren(...nodes);
    list.hidden = false;
    at = -1;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
    said.textContent = words;
  };

  const choose = (hospital) => {
    const radio = make("input", { type: "radio", name: "hospital_ccn", value: hospital.ccn });
    const choice = make("label", { class: "choice" }, radio,
      make("span", { class: "choice__text" }, hospital.name), make("span", { class: "choice__hint" }, about(hospital)));
    chosen.querySelectorAll('input[name="hospital_ccn"]:not([value=""])').forEach((old) => old.closest(".choice").remove());
    chosen.querySelectorAll("p").forEach((note) => note.remove());
    chosen.prepend(choice);
    radio.checked = true;
    input.value = hospital.name;
    close();
    said.textContent = `${hospital.name}, ${hospital.city}, chosen`;
  };

  const note = (text) => open([make("li", { class: "combo__note", role: "presentation" }, text)], text);

  const ask = async (words) => {
    asking?.abort();
    asking = new AbortController();
    try {
      const url = new URL(group.dataset.hospitals, location.href);
      url.searchParams.set("q", words);
      url.searchParams.set("limit", String(MOST_SHOWN));
      const response = await fetch(url, { headers: { Accept: "application/json" }, signal: asking.signal });
      if (!response.ok) throw new Error(String(response.status));
      found = (await response.json()).items;
      if (!found.length) {
        note(`No hospital matches “${words}”. Try its city, or the choice below.`);
        return;
      }
      const items = found.map((hospital, index) => {
        const item = make("li", { class: "combo__item", role: "option", id: `${list.id}-${index}`, "aria-selected": "false" },
          hospital.name, make("span", { class: "combo__sub" }, about(hospital)));
        // Before the input loses focus and closes the list.
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(hospital));
        return item;
      });
      open(items, `${found.length} found. Up and down arrows choose, Enter takes one.`);
    } catch (error) {
      if (error.name === "AbortError") return;
      found = [];
      note("The search does not answer just now. Try again in a moment.");
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    found = [];
    const words = input.value.trim();
    if (words.length < LEAST_LETTERS) { asking?.abort(); close(); return; }
    timer = setTimeout(() => ask(words), WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const shown = !list.hidden && found.length > 0;
    if (event.key === "ArrowDown" && shown) { event.preventDefault(); mark((at + 1) % found.length); }
    else if (event.key === "ArrowUp" && shown) { event.preventDefault(); mark(at <= 0 ? found.length - 1 : at - 1); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    else if (event.key === "Enter") {
      // Enter in the search never sends a half-filled registration.
      event.preventDefault();
      if (shown) choose(found[Math.max(at, 0)]);
    }
  });
  input.addEventListener("blur", close);
}

document.querySelectorAll("[data-hospitals]").forEach(hospitalSearch);

/* Keys: "/" searches, "?" shows the keys, j and k walk the rows of a table. */
function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function showKeys() {
  const source = document.getElementById("keys");
  if (!source) return;
  let dialog = document.querySelector("dialog.dialog");
  if (!dialog) {
    dialog = make("dialog", { class: "dialog", "aria-labelledby": "keys-title" });
    dialog.append(source.content.cloneNode(true));
    document.body.append(dialog);
    dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  }
  if (!dialog.open) dialog.showModal();
}

function walkRows(by) {
  const links = [...document.querySelectorAll("table.list tbody th a")];
  if (!links.length) return;
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? 0 : Math.min(Math.max(here + by, 0), links.length - 1);
  links[next].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search) { event.preventDefault(); search.focus(); search.select(); }
  else if (event.key === "?") showKeys();
  else if (event.key === "j") walkRows(1);
  else if (event.key === "k") walkRows(-1);
});

document.querySelectorAll("[data-show-keys]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", showKeys);
});

/* After a refused form the summary takes the focus, so that it is read and reached first. */
document.getElementById("errors")?.focus();

/* A form is sent once, however often its button is pressed. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.hasAttribute("data-again")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  // A page brought back from the history may be sent again.
  window.addEventListener("pageshow", () => { delete form.dataset.sent; }, { once: true });
});

/* Who signs out leaves no list of people on this laptop (static/desk-list.js); nor does a sign-in that is over. */
const forgetLists = () => import("./desk-list.js").then(({ forgetAll }) => forgetAll()).catch(() => {});
document.querySelectorAll('form[action="/staff/sign-out"]').forEach((form) => form.addEventListener("submit", (event) => {
  event.preventDefault();
  forgetLists().finally(() => form.submit());
}));
if (document.querySelector('form[action="/staff/sign-in"]')) forgetLists();

/* A deadline in the event's zone is told in the reader's too, when the two clocks differ. */
document.querySelectorAll(".deadline time[datetime]").forEach((time) => {
  const offset = /([+-])(\d\d):(\d\d)$/.exec(time.dateTime);
  const at = new Date(time.dateTime);
  if (!offset || Number.isNaN(at.getTime())) return;
  const minutes = Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]));
  if (minutes === -at.getTimezoneOffset()) return;
  const words = at.toLocaleString("en-US", { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  time.closest(".deadline").append(make("span", { class: "deadline__own" }, ` (${words} where you are)`));
});
