// The server renders the theme from its cookie, so nothing flashes; this saves the reload.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-form] button");
  if (!button) return;
  if (button.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = button.value;
  for (const other of button.parentElement.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
});
