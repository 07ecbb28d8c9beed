"""What may be wrong with the vault, each with a sentence that says what to do and tells nothing of the secret."""

from __future__ import annotations

from django.urls import reverse

from igsite.problems import Locked, Unavailable


class VaultError(Unavailable):
    """A secret could not be sealed or opened."""

    code = "vault"


class KeyUnavailable(VaultError):
    """The master key is not there, or is another one than then. It is the operator's to mend; no secret is lost."""


class SecretLost(VaultError):
    """This one secret does not open and never will: it has to be entered again."""


class DataKeyLost(SecretLost):
    """The data key that sealed it is missing or damaged."""


class Unreadable(SecretLost):
    """The stored bytes are damaged, or were sealed for another place. They are not touched."""


class VaultLocked(Locked):
    """The vault waits for its passphrase. No :class:`VaultError`: nothing is wrong, and whatever waited goes on."""

    code = "vault_locked"

    def __init__(self, message: str) -> None:
        super().__init__(message, url=reverse("settings:vault"))
