"""Tracked accounts as CSV and XLSX, for operators: out without formulas, in into one chosen workspace.

The workspace comes from the operator's choice in the form, never from the file. Each row of an import is one call of
:func:`accounts.tracking.track`.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import FieldError, ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ConfirmImportForm, ImportForm
from import_export.tmp_storages import CacheStorage

from accounts import tracking
from accounts.models import TrackedAccount, User, Workspace
from igsite.problems import Problem
from igsite.text import clean_text

FILE_BYTES: Final = 2 * 2**20
UNPACKED_BYTES: Final = 50 * 2**20
ROWS: Final = 5_000
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def without_formula(value: object) -> object:
    """Text that a spreadsheet would take for a formula, made plain by a leading apostrophe; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


class SmallCSV(CSV):  # type: ignore[misc]  # the library is untyped
    """CSV of a size that an operator's table has."""

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        """The rows. Raises ``ValueError`` for more than can be meant."""
        _check_size(len(in_stream))
        return _checked_rows(super().create_dataset(in_stream, **kwargs))


class SmallXLSX(XLSX):  # type: ignore[misc]
    """XLSX of such a size, unpacked too."""

    def create_dataset(self, in_stream: Any) -> Any:
        """The rows of the first sheet. Raises ``ValueError`` for more than can be meant."""
        _check_size(len(in_stream))
        with zipfile.ZipFile(io.BytesIO(in_stream)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
                raise ValueError(_("This workbook is too large."))
        return _checked_rows(super().create_dataset(in_stream))


def _check_size(size: int) -> None:
    if size > FILE_BYTES:
        raise ValueError(_("This file is too large."))


def _checked_rows(dataset: Any) -> Any:
    if len(dataset) > ROWS:
        raise ValueError(_("This file has too many rows."))
    return dataset


class TrackedAccountResource(resources.ModelResource):  # type: ignore[misc]
    """What goes out, and of it what comes in: name, bookmark, note."""

    username = fields.Field(attribute="username", column_name="account")
    workspace = fields.Field(attribute="workspace__name", column_name="workspace", readonly=True)
    is_bookmarked = fields.Field(attribute="is_bookmarked", column_name="bookmarked", widget=widgets.BooleanWidget())
    note = fields.Field(attribute="note", column_name="note")
    followers_count = fields.Field(attribute="followers_count", column_name="followers", readonly=True)
    following_count = fields.Field(attribute="following_count", column_name="following", readonly=True)

    class Meta:
        model = TrackedAccount
        fields = ("username", "workspace", "is_bookmarked", "note", "followers_count", "following_count")
        import_order = export_order = fields
        import_id_fields = ("username",)
        skip_diff = True
        use_transactions = True

    def __init__(self, workspace: Workspace | None = None, by: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.into, self.by = workspace, by

    def get_queryset(self) -> Any:
        """An import sees the chosen workspace only."""
        accounts = super().get_queryset().select_related("workspace")
        return accounts if self.into is None else accounts.filter(workspace=self.into)

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:  # noqa: ARG002
        """Reads the name as everywhere; notes lose what cannot be stored and our own apostrophe."""
        try:
            row["account"] = tracking.username_in(str(row.get("account") or "").removeprefix("'"))
        except Problem as refused:
            raise ValidationError({"username": str(refused)}) from refused
        row["note"] = clean_text(str(row.get("note") or "").removeprefix("'"), limit=500)
        row["bookmarked"] = row.get("bookmarked") or "0"

    def do_instance_save(self, instance: TrackedAccount, is_create: bool) -> None:  # noqa: ARG002
        """The same call as the page's."""
        if self.into is None:
            raise ValidationError(_("Choose the workspace to import into."))
        account = tracking.track(workspace=self.into, account=instance.username, by=self.by, now=timezone.now())
        tracking.annotate(account=account, note=instance.note or "", is_bookmarked=bool(instance.is_bookmarked))
        instance.pk = account.pk

    def export_field(self, field: Any, instance: Any, **kwargs: Any) -> object:
        """Text from elsewhere starts no formula."""
        return without_formula(super().export_field(field, instance, **kwargs))


class _IntoWorkspace(forms.Form):
    workspace = forms.ModelChoiceField(
        queryset=Workspace.objects.order_by("name", "id"), label=gettext_lazy("Into the workspace")
    )


class TrackedImportForm(_IntoWorkspace, ImportForm):  # type: ignore[misc]
    """The file, and where its rows go."""

    field_order = ("workspace", "resource", "import_file", "format")


class TrackedConfirmForm(_IntoWorkspace, ConfirmImportForm):  # type: ignore[misc]
    """The same workspace, carried along hidden."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspace"].widget = forms.HiddenInput()


class TrackedAccountExchange(ImportExportModelAdmin):  # type: ignore[misc]
    """The admin's import and export of tracked accounts."""

    resource_classes = (TrackedAccountResource,)
    formats = (SmallCSV, SmallXLSX)
    import_form_class = TrackedImportForm
    confirm_form_class = TrackedConfirmForm
    tmp_storage_class = CacheStorage  # not a file in /tmp whose name the browser sends

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Who may add accounts to any workspace."""
        return bool(request.user.has_perm("accounts.add_trackedaccount"))

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Who may see all of them."""
        return bool(request.user.has_perm("accounts.view_trackedaccount"))

    def export_action(self, request: HttpRequest) -> Any:
        """What the list is not filtered by is told as the list tells it, not with an error."""
        try:
            return super().export_action(request)
        except (FieldError, IncorrectLookupParameters, ValidationError, ValueError):
            return redirect(f"{reverse('admin:accounts_trackedaccount_changelist')}?e=1")

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        """Takes the chosen workspace over to the confirmation."""
        initial: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        if import_form:
            initial["workspace"] = import_form.cleaned_data["workspace"].pk
        return initial

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """The workspace of the form, and who imports."""
        form = kwargs.get("form")
        workspace = form.cleaned_data.get("workspace") if form is not None and form.is_valid() else None
        return {"workspace": workspace, "by": request.user}
