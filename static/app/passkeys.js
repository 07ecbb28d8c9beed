// A passkey that was refused, cancelled or is not known: tell the person, not only the console.
const WORDS = {
  NotAllowedError: "The passkey was cancelled or took too long. Nothing was changed.",
  InvalidStateError: "This passkey is known here already.",
  NotSupportedError: "This browser or device has no passkeys.",
  SecurityError: "Passkeys work on the site’s own secure address only.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const text = WORDS[event.detail.exception?.name] ?? "The passkey did not work. Try again, or use your password.";
  document.dispatchEvent(new CustomEvent("toast", { detail: { level: "bad", text } }));
});
