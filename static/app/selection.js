// Ticked boxes of a list that is outside of its form (by the form attribute): counted, and all ticked at once. Enter in the
// form's text field adds what was typed, which is what the field is for.
for (const form of document.querySelectorAll("[data-selection]")) {
  const boxes = () => [...form.elements].filter((one) => one.matches("input[type=checkbox]:not([data-all])"));
  const all = form.querySelector("[data-all]");
  const count = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    form.querySelector("[data-count]").textContent = ticked;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.parentElement.classList.remove("scripted");
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    count();
  });
  document.addEventListener("change", (event) => event.target.form === form && event.target !== all && count());
  document.addEventListener("htmx:afterSettle", count);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[name=tag]")) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[value=tag]"));
  });
  count();
}
