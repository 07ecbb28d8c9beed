// A part of the page that reads itself again takes the focus from nobody who stands in it: the same link, button or field of
// the new part gets it; where that is gone, the part itself. Who asks for more of a list goes on with the first that came.
// To whom goes by the tabulator a list does not read on by itself: what stands below it would never be reached.
const FOCUSED = "a, button, input, select, textarea, summary, [tabindex]";
const sign = (one) => one.id || [one.localName, one.getAttribute("href"), one.name, one.textContent.trim()].join("|");
let held = null;

function hold({ detail: { target } }) {
  const focused = document.activeElement;
  held = null;
  if (!target.contains(focused) || focused === document.body) return;
  held = { sign: sign(focused), part: target.id, before: target.matches("[data-more]") && target.previousElementSibling };
}

function give() {
  const was = held;
  held = null;
  if (!was || document.activeElement !== document.body) return;
  const came = was.before && was.before.nextElementSibling;
  const part = came || (document.getElementById(was.part || "main") ?? document.getElementById("main"));
  const same = [...part.querySelectorAll(FOCUSED)].find((one) => came || sign(one) === was.sign);
  if (!same) part.tabIndex = -1;
  (same ?? part).focus({ preventScroll: true });
}

for (const kind of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) document.addEventListener(kind, hold);
for (const kind of ["htmx:oobAfterSwap", "htmx:afterSwap"]) document.addEventListener(kind, give);

const SCROLLING = ["PageDown", "PageUp", "End", "Home", "ArrowDown", "ArrowUp", " "];
const goesBy = (way) => (document.documentElement.dataset.goesBy = way);
addEventListener("keydown", ({ key }) => (key === "Tab" ? goesBy("tab") : SCROLLING.includes(key) && goesBy("scrolling")), true);
for (const kind of ["wheel", "touchmove", "pointerdown"]) addEventListener(kind, () => goesBy("scrolling"), { capture: true, passive: true });
