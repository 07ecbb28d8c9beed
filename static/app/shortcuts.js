// A key brings one to the field that names it (data-shortcut="/"), unless one is typing. Whoever speaks to the browser, or
// hits keys by chance, switches it off in the menu of the person; the browser keeps that.
const KEY = "igsite-shortcuts";
const off = () => localStorage.getItem(KEY) === "off";
const isTyped = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || off() || isTyped(event.target)) return;
  const field = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!field || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  field.focus();
  field.select();
});
for (const box of document.querySelectorAll("[data-shortcuts]")) {
  box.checked = !off();
  box.addEventListener("change", () => localStorage.setItem(KEY, box.checked ? "on" : "off"));
}
