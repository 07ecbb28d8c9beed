"""The form of a search for people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, TrackedAccount, Workspace
from automation.choices import accounts_of, logins_of, offer
from automation.discovery import Wishes


class DiscoveryForm(forms.Form):
    """Around which accounts, and whom to leave out."""

    accounts = forms.ModelMultipleChoiceField(
        label=_("Accounts like yours"), queryset=TrackedAccount.objects.for_workspace(None),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tracked accounts whose followers were read. Their followers are looked through."),
        error_messages={"required": _("Choose at least one account.")},
    )  # fmt: skip
    login = forms.ModelChoiceField(
        label=_("Who would follow"), queryset=InstagramLogin.objects.for_workspace(None), empty_label=None,
        error_messages={"required": _("Add an Instagram login first: it is the one that would follow.")},
    )  # fmt: skip
    at_least = forms.IntegerField(label=_("On at least so many of the lists"), min_value=1, max_value=10, initial=1)
    posts = forms.BooleanField(
        label=_("Also who likes and comments"), required=False,
        help_text=_("Of the newest three posts of each account: up to seven requests an account."),
    )  # fmt: skip
    private = forms.BooleanField(
        label=_("Private accounts too"), required=False, help_text=_("They can be ranked; batches leave them out.")
    )
    smallest = forms.IntegerField(label=_("Followers, at least"), min_value=0, max_value=10**9, required=False)
    largest = forms.IntegerField(label=_("Followers, at most"), min_value=0, max_value=10**9, required=False)

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "accounts", accounts_of(workspace).filter(last_scanned_at__isnull=False))
        offer(self, "login", logins_of(workspace))

    def wishes(self) -> Wishes:
        """What was asked for."""
        data = self.cleaned_data
        chosen = tuple(str(account.pk) for account in data["accounts"])
        return Wishes(
            chosen, data["at_least"], posts=data["posts"], private=data["private"], smallest=data["smallest"],
            largest=data["largest"],
        )  # fmt: skip
