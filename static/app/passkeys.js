// A passkey that was refused, cancelled or is not known: tell the person, not only the console. The words come with the page,
// in its language.
const words = document.querySelector("[data-passkey-words]").dataset;
const KINDS = {
  NotAllowedError: "cancelled",
  InvalidStateError: "known",
  NotSupportedError: "unsupported",
  SecurityError: "address",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const text = words[KINDS[event.detail.exception?.name]] ?? words.failed;
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "bad", text } }));
});
