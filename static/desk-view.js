// What the pick-up desk shows: the people found, and one person's card. The page has the card's places; this fills them.

const el = (id) => document.getElementById(id);

function chip(tone, text) {
  const node = document.createElement("span");
  node.className = `chip chip--${tone}`;
  node.textContent = text;
  return node;
}

function span(className, text) {
  const node = document.createElement("span");
  node.className = className;
  node.textContent = text;
  return node;
}

/** Lists people to choose from; `open(person)` takes one. Without any it is empty and gone. */
export function showHits(people, more, open) {
  const items = people.map((person, index) => {
    const item = document.createElement("li");
    item.className = "desk__hit";
    item.id = `hit-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const line = [person.line, person.kind, person.code].filter(Boolean).join(" · ");
    item.append(span("desk__hit-name name", person.name), span("desk__hit-line", line), chip(person.answer.tone, person.answer.word));
    // Before the field loses the focus.
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => open(person));
    return item;
  });
  const list = el("hits");
  list.replaceChildren(...items);
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "People found");
  el("found").hidden = !people.length;
  el("more").hidden = !more;
  markHit(-1);
}

/** Marks the hit that Enter would open. */
export function markHit(at) {
  const field = el("q");
  [...el("hits").children].forEach((item, index) => {
    item.setAttribute("aria-selected", String(index === at));
    if (index === at) item.scrollIntoView({ block: "nearest" });
  });
  field.setAttribute("aria-expanded", String(el("hits").children.length > 0));
  if (at >= 0) field.setAttribute("aria-activedescendant", `hit-${at}`);
  else field.removeAttribute("aria-activedescendant");
}

export function showNobody(shown) {
  el("nobody").hidden = !shown;
}

/** The large word: what is to be done. */
export function showAnswer(answer, provisional = false) {
  const box = el("answer");
  box.className = `answer answer--${answer.tone}`;
  box.dataset.outcome = answer.outcome ?? "";
  el("answer-word").textContent = answer.word;
  el("answer-message").textContent = answer.message;
  el("answer-provisional").hidden = !provisional;
  void box.offsetWidth;
  box.classList.add("is-new");
  el("card").hidden = false;
}

function fill(place, text, where = place) {
  el(place).hidden = !text;
  el(where).textContent = text ?? "";
}

/** One person's card, or only an answer where there is no person. */
export function showCard(person, { canPrint, mayTakeBack }) {
  el("person").hidden = !person;
  if (!person) return;
  el("card-name").textContent = person.name;
  el("card-line").textContent = person.line;
  el("card-kind").textContent = person.kind;
  const code = el("card-code");
  code.textContent = person.code;
  if (person.page) code.href = person.page;
  else code.removeAttribute("href");
  fill("card-owes", person.owes, "card-owed");
  fill("card-printed", person.printed, "card-printed-at");
  fill("needs", person.needs, "needs-text");
  fill("card-picked", person.picked_up, "card-picked-up");
  el("needs").open = false;
  el("card-needs").hidden = !person.accommodation;
  el("hand-out").hidden = !person.answer.lets_pass;
  el("print-and-hand-out").hidden = !canPrint;
  // The first button is what Enter does: a badge that is printed already is handed out.
  const first = canPrint && !person.printed ? el("print-and-hand-out") : el("hand-out-only");
  for (const id of ["print-and-hand-out", "hand-out-only"]) el(id).classList.toggle("button--plain", el(id) !== first);
  el("pdf").hidden = true;
  for (const [id, shown] of [["take-back", person.picked_up && mayTakeBack], ["override", person.may_override]]) {
    el(id).hidden = !shown;
    el(id).open = false;
    el(id).querySelector('[name="reason"]').value = "";
  }
  for (const field of document.querySelectorAll('#card [name="registration"]')) field.value = person.code;
}

/** The badge's file, for when the printer wants it again. */
export function showPdf(href) {
  el("pdf").hidden = !href;
  if (href) el("pdf-link").href = href;
}

export function hideCard() {
  el("card").hidden = true;
  el("person").hidden = true;
}
