// A part of the page that reads itself again takes the focus from nobody who stands in it: the same link, button or field of
// the new part gets it; where that is gone, the part itself.
const FOCUSED = "a, button, input, select, textarea, summary, [tabindex]";
const sign = (one) => one.id || [one.localName, one.getAttribute("href"), one.name, one.textContent.trim()].join("|");
let held = null;

function hold({ detail: { target } }) {
  const focused = document.activeElement;
  held = target.contains(focused) && focused !== document.body ? { sign: sign(focused), part: target.id } : null;
}

function give() {
  const was = held;
  held = null;
  if (!was || document.activeElement !== document.body) return;
  const part = document.getElementById(was.part || "main") ?? document.getElementById("main");
  const same = [...part.querySelectorAll(FOCUSED)].find((one) => sign(one) === was.sign);
  if (!same) part.tabIndex = -1;
  (same ?? part).focus({ preventScroll: true });
}

for (const kind of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.addEventListener(kind, hold);
for (const kind of ["htmx:oobAfterSwap", "htmx:afterSwap"]) document.addEventListener(kind, give);
