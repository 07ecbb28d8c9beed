"""The forms of predictions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from accounts.tracking import InvalidAccountName, username_in
from automation import predictions
from automation.choices import accounts_of, logins_of, offer
from automation.models import Happened
from igsite.text import words_of
from scans.people_choice import PeopleList


class PredictForm(forms.Form):
    """Names, or a list of a tracked account; for which login; whether to read what is not known."""

    names = forms.CharField(
        label=_("Names"), required=False, max_length=20_000,
        help_text=_("@name or the address of a profile: one per line, or with commas. Up to 200."),
        widget=forms.Textarea(attrs={"rows": 4, "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    account = forms.ModelChoiceField(
        label=_("Or people of a tracked account"), queryset=TrackedAccount.objects.for_workspace(None), required=False,
        empty_label=_("No account"),
    )  # fmt: skip
    which = forms.ChoiceField(
        label=_("Which of its people"), required=False, choices=[(one.value, one.label) for one in PeopleList]
    )
    login = forms.ModelChoiceField(
        label=_("Who would follow"), queryset=InstagramLogin.objects.for_workspace(None), empty_label=None,
        error_messages={"required": _("Add an Instagram login first: it is the one that would follow.")},
    )  # fmt: skip
    reads = forms.BooleanField(
        label=_("Read what is not known"), required=False, initial=True,
        help_text=_("Up to three requests a person, within the login’s budget; else only what is stored counts."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "account", accounts_of(workspace).filter(last_scanned_at__isnull=False))
        offer(self, "login", logins_of(workspace))

    def clean_names(self) -> list[str]:
        """User names, each once, in their order."""
        words = words_of(self.cleaned_data["names"])
        if len(words) > predictions.MOST:
            raise forms.ValidationError(now_("Name between 1 and %(most)s people.") % {"most": predictions.MOST})
        found: list[str] = []
        for word in words:
            try:
                found.append(username_in(word))
            except InvalidAccountName as refusal:
                raise forms.ValidationError(f"{word[:60]}: {refusal}") from refusal
        return list(dict.fromkeys(found))

    def clean(self) -> dict[str, Any]:
        """Somebody must be named."""
        data = super().clean() or {}
        if not data.get("names") and not data.get("account") and "names" not in self.errors:
            self.add_error("names", now_("Name somebody, or choose an account."))
        return data

    def refuse(self, sentence: str) -> None:
        """Show what the domain said."""
        self.add_error(None, sentence)


class FeedbackForm(forms.Form):
    """What happened, as a person saw it."""

    happened = forms.ChoiceField(
        label=_("What happened?"), required=False, widget=forms.RadioSelect,
        choices=[*[(one.value, one.label) for one in Happened], ("", _("Nothing to say yet"))],
    )  # fmt: skip
