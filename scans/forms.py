"""Forms of scans. They recognise what people paste; the domain decides what may be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from accounts import tracking
from accounts.gateway.export_zip import ExportPart
from accounts.models import InstagramLogin, LoginStatus, Workspace
from scans.models import Direction, Extent, ScanMode

BOTH = "both"
LISTS = [(BOTH, _("Followers and following"))] + [(one.value, one.label) for one in Direction]
MODES = [
    (ScanMode.FULL.value, _("Whole lists: who came and who left")),
    (ScanMode.NEWEST.value, _("Only the newest people: cheap, shows who came, never who left")),
]
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
    mode = forms.ChoiceField(
        label=_("How much"), choices=MODES, initial=ScanMode.FULL, required=False, widget=forms.RadioSelect
    )
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

    def login_id(self) -> UUID | None:
        """The chosen login; None: the first one that is ready."""
        chosen = self.cleaned_data.get("login")
        return UUID(chosen) if chosen else None

    def mode_chosen(self) -> ScanMode:
        """Whole lists unless only the newest people were asked for."""
        return ScanMode(self.cleaned_data.get("mode") or ScanMode.FULL)

    def directions(self) -> list[Direction]:
        """The chosen lists."""
        chosen = self.cleaned_data["lists"]
        return list(Direction) if chosen == BOTH else [Direction(chosen)]


class SeveralFiles(forms.FileInput):
    """An input that takes all parts of an export at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files, as a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Every file, each checked like a single one."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in files or [None]]


class ExportUpload(forms.Form):
    """The ZIP that Instagram sends on "Download your information", all of its parts together."""

    file = FilesField(
        label=_("Export file"),
        help_text=_("The ZIP as Instagram sent it. With several parts, choose them all at once."),
        error_messages={"required": _("Choose the ZIP that Instagram sent you.")},
        widget=SeveralFiles(attrs={"accept": ".zip,application/zip"}),
    )

    def parts(self) -> list[ExportPart]:
        """What the importer reads."""
        return [ExportPart(name=file.name or "", file=file.file) for file in self.cleaned_data["file"]]


class ExtentAnswer(forms.Form):
    """What the person says of an export that may be incomplete."""

    extent = forms.ChoiceField(
        label=_("Is it the whole list?"),
        choices=[
            (Extent.WHOLE.value, _("Yes: everybody who is not in it has left")),
            (Extent.PART.value, _("No, a part: people may be added, nobody counts as lost")),
        ],
        error_messages={"required": _("Say whether it is the whole list or a part of it.")},
        widget=forms.RadioSelect,
    )
