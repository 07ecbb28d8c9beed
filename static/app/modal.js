// A link with data-modal opens its page in the dialog; without this script it is a link to the page.
const modal = document.getElementById("modal");
const body = document.getElementById("modal-body");

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === body && !modal.open) modal.showModal();
});
document.addEventListener("click", (event) => {
  if (event.target === modal || (event.target.closest("[data-close]") && modal.open)) modal.close();
});
modal?.addEventListener("close", () => {
  body.replaceChildren();
  window.htmx?.trigger(document.body, "dialog-closed"); // what it has begun may show behind it
});
