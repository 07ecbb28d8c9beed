// Ticked boxes of a list that is outside of its form (by the form attribute): counted, and all ticked at once. Enter in the
// form's text field adds what was typed, which is what the field is for.
const wired = new WeakSet();

function wire(form) {
  wired.add(form);
  const boxes = () => [...form.elements].filter((one) => one.matches("input[type=checkbox]:not([data-all])"));
  const all = form.querySelector("[data-all]");
  // A row that reads itself again comes without its tick.
  const kept = new Set();
  const count = () => {
    const ticked = boxes().filter((box) => box.checked);
    kept.clear();
    for (const box of ticked) kept.add(box.value);
    form.querySelector("[data-count]").textContent = ticked.length;
    all.checked = ticked.length > 0 && ticked.length === boxes().length;
    all.indeterminate = ticked.length > 0 && !all.checked;
  };
  const restore = () => {
    for (const box of boxes()) box.checked ||= kept.has(box.value);
    count();
  };
  all.parentElement.classList.remove("scripted");
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  document.addEventListener("change", (event) => event.target.form === form && event.target !== all && count());
  document.addEventListener("htmx:afterSwap", restore); // at once: the form may be sent before the page settles
  form.addEventListener("htmx:beforeRequest", () => kept.clear());
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[name=tag]")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[value=tag]"));
  });
  count();
}

// A live list without a form of its own keeps its ticks when it reads itself again: its boxes have ids.
let ticked = [];
document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  ticked = target.matches("[data-keeps-ticks]") ? [...target.querySelectorAll("input:checked")].map((box) => box.id) : [];
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of ticked) {
    const box = document.getElementById(id);
    if (box) box.checked = true;
  }
  ticked = [];
});

function attach() {
  for (const form of document.querySelectorAll("[data-selection]")) if (!wired.has(form)) wire(form);
}
attach();
document.addEventListener("htmx:afterSettle", attach);
