// Letting somebody in against the answer (CHK-2): offered after a refusal to those who may, always with a reason.

const fold = document.getElementById("override");
const form = fold?.querySelector("form");
let refused = null;

/** Offers it for this scan that was refused; without one the offer is taken back. */
export function offerOverride(scan) {
  if (!fold) return;
  refused = scan;
  fold.hidden = !scan;
  fold.open = false;
  form.reset();
}

/** `letIn(scan, reason)` hears that this refused scan is overridden. */
export function onOverride(letIn) {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = event.submitter?.name === "choice" ? event.submitter.value : "";
    const reason = chosen || form.elements.reason.value.trim();
    const scan = refused;
    if (!scan || !reason) return;
    offerOverride(null);
    letIn(scan, reason);
  });
}
