// Short messages: HX-Trigger: {"toast": {"level": "good", "text": "…"}}. Errors stay until they are dismissed.
const modal = document.getElementById("modal");
const words = document.getElementById("words").dataset;
const SECONDS = 7;
const MOST = 4;

function leave(item) {
  if (item.matches(":hover, :focus-within")) item.addEventListener("mouseleave", () => item.remove(), { once: true });
  else item.remove();
}

export function toast({ level = "info", text }) {
  const item = document.getElementById("toast-tpl").content.firstElementChild.cloneNode(true);
  item.classList.add(level);
  item.querySelector("span").textContent = text;
  item.querySelector("button").addEventListener("click", () => item.remove());
  // What lies outside an open modal dialog cannot be reached.
  const list = document.getElementById(modal?.open ? "modal-toasts" : "toasts");
  list.append(item);
  while (list.children.length > MOST) list.firstElementChild.remove();
  if (level !== "bad") setTimeout(leave, SECONDS * 1000, item);
}

document.addEventListener("toast", (event) => toast(event.detail));
document.addEventListener("htmx:responseError", (event) => {
  toast({ level: "bad", text: event.detail.xhr.status === 403 ? words.refused : words.failed });
});
document.addEventListener("htmx:sendError", () => toast({ level: "bad", text: words.offline }));
document.addEventListener("htmx:timeout", () => toast({ level: "bad", text: words.slow }));
