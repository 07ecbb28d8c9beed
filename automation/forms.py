"""The forms of actions: whom to name, when to start, safelists."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import InstagramLogin, Workspace
from automation import staging
from automation.choices import logins_of, offer
from automation.models import ActionKind
from automation.words import OF_PEOPLE

LEAVE, LOOK_UP = "leave", "look"
#: What can be done about people whom nobody here knows.
UNKNOWN_CHOICES: Final = ((LOOK_UP, _("Look them up, within the login’s budget")), (LEAVE, _("Go on without them")))
_LONGEST_TEXT: Final = 400_000
_FILE_HINT = _("A file: CSV or XLSX with a column “pk” or “username”, or names as plain text.")


class StageForm(forms.Form):
    """Which action by which login on whom. ``unknown`` is asked for once somebody is named who is not known here."""

    kind = forms.ChoiceField(
        label=_("Action"), widget=forms.RadioSelect, initial=ActionKind.FOLLOW,
        choices=[(kind.value, kind.label) for kind in OF_PEOPLE],
    )  # fmt: skip
    login = forms.ModelChoiceField(
        label=_("By which login"), queryset=InstagramLogin.objects.for_workspace(None), empty_label=None
    )
    names = forms.CharField(
        label=_("People"), required=False, max_length=_LONGEST_TEXT, strip=False,
        help_text=_("@name, the address of a profile, or Instagram’s number: one per line or between commas."),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    file = forms.FileField(label=_("or a file"), required=False, help_text=_FILE_HINT)
    unknown = forms.ChoiceField(
        label=_("People who are not known here"), required=False, widget=forms.RadioSelect,
        choices=UNKNOWN_CHOICES,
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, asks_unknown: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "login", logins_of(workspace))
        self.asks_unknown = asks_unknown

    def refuse(self, sentence: str, fields: dict[str, list[str]]) -> None:
        """Show what the domain said beside its field."""
        known = [name for name in fields if name in self.fields]
        self.add_error(known[0] if known else None, sentence)


class ConfirmForm(forms.Form):
    """How many people, and who, were read before the button was pressed; and when to begin."""

    count = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    starts_at = forms.DateTimeField(
        label=_("Not before"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("Left empty: as soon as the budget allows. Working hours of the login are kept either way."),
    )  # fmt: skip

    def clean_starts_at(self) -> Any:
        """At most :data:`staging.AHEAD` from now."""
        at = self.cleaned_data.get("starts_at")
        try:
            staging.check_start(at, timezone.now())
        except staging.NotStageable as refused:
            raise forms.ValidationError(str(refused)) from refused
        return at


class NamesForm(forms.Form):
    """People by name. ``unknown`` and ``by`` are asked for once somebody is named who is not known here."""

    names = forms.CharField(
        label=_("People"), max_length=_LONGEST_TEXT,
        help_text=_("@name, the address of a profile, or Instagram’s number: one per line or between commas."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    note = forms.CharField(label=_("Why"), required=False, max_length=200)
    unknown = forms.ChoiceField(
        label=_("People who are not known here"), required=False, widget=forms.RadioSelect,
        choices=UNKNOWN_CHOICES,
    )  # fmt: skip
    by = forms.ModelChoiceField(
        label=_("By which login"), queryset=InstagramLogin.objects.for_workspace(None), required=False,
        empty_label=None,
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "by", logins_of(workspace))
        self._logins = logins_of(workspace)
        self.asks_unknown = False

    @property
    def login(self) -> InstagramLogin | None:
        """Who looks: the login that was chosen, else the first; None: there is none."""
        chosen: InstagramLogin | None = self.cleaned_data.get("by")
        return chosen or self._logins.first()

    def ask_unknown(self, sentence: str) -> None:
        """Show who is not known here, and ask what to do about it; without a login there is nothing to choose."""
        self.asks_unknown = self.login is not None
        self.add_error("unknown" if self.asks_unknown else "names", sentence)


class SafeForm(NamesForm):
    """People for a safelist."""


class LinkForm(NamesForm):
    """Accounts of one person."""

    note = forms.CharField(label=_("How you know"), required=False, max_length=200)


class SafeFileForm(forms.Form):
    """A file for a safelist. ``rows`` and ``strange`` carry what was read from one step to the next."""

    file = forms.FileField(label=_("CSV or XLSX file"), required=False, help_text=_(
        "Columns “pk” or “username”, and “note” if wanted. A file that was exported here can be handed back."
    ))  # fmt: skip
    rows = forms.CharField(required=False, max_length=_LONGEST_TEXT * 4, widget=forms.HiddenInput, strip=False)
    strange = forms.CharField(required=False, max_length=_LONGEST_TEXT * 2, widget=forms.HiddenInput, strip=False)
    by = forms.ModelChoiceField(
        label=_("Look them up by"), queryset=InstagramLogin.objects.for_workspace(None), required=False,
        empty_label=_("Pass them over"),
        help_text=_("Each look is a read of the login’s budget. Whoever is found is added."),
    )  # fmt: skip
    replaces = forms.BooleanField(
        label=_("Take off whoever is not in the file"), required=False,
        help_text=_("Otherwise the file only adds to the list."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "by", logins_of(workspace))
