// Where the reader should look next takes the focus; a slider says its value; ticked boxes are counted.
function focusIn(root) {
  root.querySelector("[data-focus]")?.focus();
}

function count(form) {
  const output = form.querySelector("[data-count]");
  if (output) output.textContent = form.querySelectorAll("input[type=checkbox]:checked").length;
}

// A form that keeps what another one says takes its fields along as they stand (data-copies names that form).
document.addEventListener("submit", (event) => {
  const other = document.getElementById(event.target.dataset?.copies ?? "");
  for (const [name, value] of other ? new FormData(other) : []) {
    const field = event.target.elements.namedItem(name);
    if (field?.type === "hidden") field.value = value;
  }
});
focusIn(document);
document.addEventListener("htmx:afterSettle", (event) => focusIn(event.target));
document.addEventListener("input", (event) => {
  const output = document.getElementById(event.target.dataset?.out ?? "");
  if (output) output.textContent = event.target.value;
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form");
  if (form) count(form);
  if (event.target.matches?.("[data-submit]")) form?.requestSubmit();
});
