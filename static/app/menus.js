// Arrow keys in a menu that a button opens: down from the button into it, then up and down through it, around its ends.
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step) return;
  const opener = event.target.closest("[popovertarget]");
  const menu = opener ? document.getElementById(opener.getAttribute("popovertarget")) : event.target.closest(".menu-pop");
  if (!menu?.matches(".menu-pop:popover-open")) return;
  event.preventDefault();
  const entries = [...menu.querySelectorAll("a, button, input")];
  const at = entries.indexOf(event.target);
  entries.at(at < 0 && step < 0 ? -1 : (at + step) % entries.length).focus();
});

// A row's own menu closes by Escape as well, and gives the focus back to what opened it.
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && event.target.closest("details.row-menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
