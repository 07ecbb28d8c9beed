"""Forms of scans. They recognise what people paste; the domain decides what may be done with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts import tracking
from accounts.models import InstagramLogin, LoginStatus, Workspace
from scans.models import Direction

BOTH = "both"
LISTS = [(BOTH, _("Followers and following"))] + [(one.value, one.label) for one in Direction]
READING = (LoginStatus.READY, LoginStatus.FROZEN)


class NewScan(forms.Form):
    """Which account, which lists, by which login."""

    account = forms.CharField(
        label=_("Account"),
        help_text=_("A name like @aurora.studio, or the address of a profile."),
        max_length=2000,
        error_messages={"required": _("Enter an account, for example @aurora.studio.")},
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    lists = forms.ChoiceField(label=_("What to read"), choices=LISTS, initial=BOTH, widget=forms.RadioSelect)
    login = forms.ChoiceField(
        label=_("With which login"), required=False, help_text=_("Reading costs that login's hourly budget.")
    )

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = InstagramLogin.objects.for_workspace(workspace).filter(status__in=READING).order_by("username", "pk")
        named = [(str(one.pk), f"@{one.username} ({one.get_status_display()})") for one in mine]
        field = self.fields["login"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", now_("The first one that is ready")), *named]

    def clean_account(self) -> str:
        """The user name in what was entered."""
        try:
            return tracking.username_in(self.cleaned_data["account"])
        except tracking.InvalidAccountName as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def directions(self) -> list[Direction]:
        """The chosen lists."""
        chosen = self.cleaned_data["lists"]
        return list(Direction) if chosen == BOTH else [Direction(chosen)]


class ExportUpload(forms.Form):
    """The ZIP that Instagram sends on "Download your information"."""

    file = forms.FileField(
        label=_("Export file"),
        help_text=_("The ZIP as Instagram sent it, made with the format JSON. It is read here and not kept."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
