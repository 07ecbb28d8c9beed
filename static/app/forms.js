// Where the reader should look next takes the focus; a slider says its value; ticked boxes are counted.
function focusIn(root) {
  root.querySelector("[data-focus]")?.focus();
}

function count(form) {
  const output = form.querySelector("[data-count]");
  if (output) output.textContent = form.querySelectorAll("input[type=checkbox]:checked").length;
}

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
