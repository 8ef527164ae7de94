// Keeps what is typed into a form with data-keep on the server, a moment after each change.

const WAIT_MS = 900;

for (const form of document.querySelectorAll("form[data-keep]")) {
  const said = form.querySelector("[data-kept]");
  let timer = 0;
  let sending = null;
  const keep = async () => {
    sending?.abort();
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", signal: sending.signal,
      });
      if (said) said.textContent = answer.ok ? "Kept." : "Not kept yet. Use the button “Keep it for later”.";
    } catch (problem) {
      if (problem.name !== "AbortError" && said) said.textContent = "Not kept: no connection. It stays on this page.";
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // What is submitted is final; a draft that comes after it would be refused anyway.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sending?.abort();
  });
}
