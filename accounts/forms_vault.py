"""What people type about the vault. A passphrase is never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms_logins import RefusableForm, SecretField
from accounts.passphrase import LONGEST

_SPANS = [
    ("15", _("15 minutes")),
    ("60", _("One hour")),
    ("240", _("4 hours")),
    ("720", _("12 hours")),
    ("1440", _("A day")),
    ("", _("Never by itself")),
]
DEFAULT_SPAN = "720"


class SpanField(forms.TypedChoiceField):
    """After how many minutes the vault locks by itself; None for never."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Lock it again after"),
            choices=_SPANS,
            required=False,
            initial=DEFAULT_SPAN,
            coerce=int,
            empty_value=None,
            help_text=_("Scans need the vault: choose a time in which they can end. Each restart locks it as well."),
        )


class UnlockForm(RefusableForm):
    """The passphrase, and for how long."""

    passphrase = SecretField(label=_("Passphrase of the vault"), auto="current-password", max_length=LONGEST)
    lock_after = SpanField()


class SetPassphraseForm(RefusableForm):
    """A new passphrase, twice."""

    new = SecretField(
        label=_("New passphrase"),
        auto="new-password",
        max_length=LONGEST,
        help_text=_("Several words that nobody would guess. It is stored nowhere: when it is forgotten, all Instagram"
                    " logins have to be entered again."),
    )  # fmt: skip
    again = SecretField(label=_("The new passphrase once more"), auto="new-password", max_length=LONGEST)

    def clean(self) -> dict[str, Any]:
        """Both must agree: a passphrase with a typing error locks everybody out."""
        given = super().clean() or {}
        if {"new", "again"} <= given.keys() and given["new"] != given["again"]:
            self.add_error("again", _("The two passphrases differ."))
        return given


class FirstPassphraseForm(SetPassphraseForm):
    """The first passphrase, and when to lock."""

    lock_after = SpanField()


class ChangePassphraseForm(SetPassphraseForm):
    """Another passphrase instead of the present one."""

    passphrase = SecretField(label=_("Present passphrase"), auto="current-password", max_length=LONGEST)
    field_order = ("passphrase", "new", "again")


class RemovePassphraseForm(RefusableForm):
    """The present passphrase, for the last time."""

    passphrase = SecretField(label=_("Present passphrase"), auto="current-password", max_length=LONGEST)
