"""What kept a message from leaving: a code and what it is about are stored, the sentence is the reader's language's."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

_SENTENCES: Final = {
    "unreadable": _("The service cannot read this address. Enter it again."),
    "address_refused": _("%(about)s leads into a private or reserved network. Nothing of this site connects there."),
    "name_unknown": _("The name %(about)s leads nowhere. Check how it is written."),
    "unreachable": _("%(about)s cannot be reached."),
    "certificate": _("%(about)s has no certificate that can be trusted."),
    "answered_3": _("The service sends us elsewhere (%(about)s). Enter the address where it really is."),
    "answered_4": _("The service refused the message (%(about)s). Check the address."),
    "answered_401": _("The service does not let us in (%(about)s). The token or password is wrong, or was revoked."),
    "answered_404": _("The service knows no such place (%(about)s). It may have been removed; enter a new address."),
    "answered_429": _("The service says that it gets too many messages (%(about)s)."),
    "answered_5": _("The service has trouble of its own (%(about)s)."),
    "mail_login": _("The mail server does not take the user name and password."),
    "mail_refused": _("The mail server refused the message (%(about)s)."),
    "no_answer": _("The message was handed over, but no answer came. It may have arrived."),
    "too_long": _("The service answered with more than anybody reads. The message may have arrived."),
    "interrupted": _("The site was interrupted while it was sent. It may have arrived."),
    "restored": _("The site was restored from a backup. It may have been sent before."),
    "vault": _("The stored address cannot be opened. Enter it again."),
    "key": _("The key of the vault is not there. The operator of the site has to bring it back."),
    "paused": _("The channel was paused."),
    "failed": _("The service did not take the message. Check the address."),
}
_NUMBERS: Final = {"401": "answered_401", "403": "answered_401", "404": "answered_404", "410": "answered_404"}


def stored(code: str, about: str = "") -> str:
    """A trouble as it is stored. ``about`` is a host or a number, never a secret."""
    return f"{code}|{about}"[:300]


def say(trouble: str) -> str:
    """A stored trouble as a sentence in the active language; empty for none."""
    if not trouble:
        return ""
    code, _bar, about = trouble.partition("|")
    if code == "answered":
        code = _NUMBERS.get(about) or ("answered_429" if about == "429" else f"answered_{about[:1]}")
    return str(_SENTENCES.get(code, _SENTENCES["failed"])) % {"about": about}


def code_of(trouble: str) -> str:
    """The stable word of a stored trouble."""
    return trouble.partition("|")[0]
