"""The operator's tables: no secret shown, acts through the same functions, imports into one chosen workspace."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import login_secrets
from accounts.models import InstagramLogin, LoginStatus, Profile, Proxy, SourceCall, TrackedAccount, User
from accounts.tracked_exchange import SmallXLSX, TrackedAccountResource, without_formula
from igsite.secrets import Secret
from tests.people import Cast

pytestmark = pytest.mark.django_db
IMPORT = "admin:accounts_trackedaccount_import"


@pytest.fixture
def operator(cast: Cast) -> Client:
    return cast.client(cast.operator)


def make_login(cast: Cast) -> InstagramLogin:
    login = InstagramLogin.objects.create(workspace=cast.workspace, username="my.login", status=LoginStatus.READY)
    login.session_sealed = login_secrets.sealed(login, "session_sealed", Secret("canary"))
    login.save()
    return login


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.create_sheet(index=0)
    book.active = 0
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def import_file(operator: Client, cast: Cast, name: str, content: bytes) -> Any:
    kind = "0" if name.endswith("csv") else "1"
    form = {"workspace": cast.workspace.pk, "format": kind, "resource": "0"}
    answer = operator.post(reverse(IMPORT), {**form, "import_file": SimpleUploadedFile(name, content)})
    confirm = answer.context.get("confirm_form") if answer.context else None
    if confirm is None:
        return answer
    return operator.post(reverse("admin:accounts_trackedaccount_process_import"), confirm.initial)


def test_every_table_opens(cast: Cast, operator: Client) -> None:
    login = make_login(cast)
    account = TrackedAccount.objects.create(workspace=cast.workspace, username="a")
    profile = Profile.objects.create(pk=7, username="a")
    call = SourceCall.objects.create(
        workspace=cast.workspace, login=login, source="x", kind="read", endpoint="e", at=login.created_at
    )
    proxy = Proxy.objects.create(workspace=cast.workspace, name="a", scheme="http", host="a.example", port=1)
    for row in (login, account, profile, call, proxy):
        name = f"admin:accounts_{row._meta.model_name}"
        assert operator.get(reverse(f"{name}_changelist")).status_code == 200
        assert operator.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_no_sealed_column_is_shown_or_editable(cast: Cast, operator: Client) -> None:
    login = make_login(cast)
    page = operator.get(reverse("admin:accounts_instagramlogin_change", args=[login.pk])).content
    assert b"sealed" not in page
    assert b'name="username"' not in page
    assert operator.get("/admin/accounts/instagramlogin/add/").status_code == 404


def test_actions_call_the_use_cases(cast: Cast, operator: Client) -> None:
    login = make_login(cast)
    address = reverse("admin:accounts_instagramlogin_changelist")
    operator.post(address, {"action": "pause", "_selected_action": [login.pk]})
    login.refresh_from_db()
    assert login.status == LoginStatus.PAUSED
    operator.post(address, {"action": "remove", "_selected_action": [login.pk]})
    login.refresh_from_db()
    assert login.status == LoginStatus.REMOVED
    assert login.session_sealed is None


def test_csv_goes_into_the_chosen_workspace_whatever_the_file_says(cast: Cast, operator: Client) -> None:
    TrackedAccount.objects.create(workspace=cast.elsewhere, username="aurora.studio", note="theirs")
    content = (
        "account,workspace,bookmarked,note\n"
        f"@Aurora.Studio,{cast.elsewhere.name},1,'=mine\n"
        "https://instagram.com/tiny.pottery/,x,0,\n"
    )
    answer = import_file(operator, cast, "accounts.csv", content.encode())
    assert answer.status_code == 302, answer.content
    mine = TrackedAccount.objects.filter(workspace=cast.workspace).order_by("username")
    assert [(one.username, one.is_bookmarked, one.note) for one in mine] == [
        ("aurora.studio", True, "=mine"),
        ("tiny.pottery", False, ""),
    ]
    assert TrackedAccount.objects.get(workspace=cast.elsewhere).note == "theirs"


def test_xlsx_is_read(cast: Cast, operator: Client) -> None:
    content = workbook([["account", "bookmarked", "note"], ["tiny.pottery", 1, None]])
    answer = import_file(operator, cast, "accounts.xlsx", content)
    assert answer.status_code == 302, answer.content
    assert TrackedAccount.objects.get().is_bookmarked


def test_a_row_that_names_no_account_stops_the_import(cast: Cast, operator: Client) -> None:
    answer = import_file(operator, cast, "accounts.csv", b"account,note\ntiny.pottery,\ntwo words,\n")
    assert answer.status_code == 200
    assert not TrackedAccount.objects.exists()


def test_a_workbook_that_unpacks_to_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (51 * 2**20))
    with pytest.raises(ValueError, match="too large"):
        SmallXLSX().create_dataset(buffer.getvalue())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_exported_text_is_a_formula(cast: Cast, start: str) -> None:
    TrackedAccount.objects.create(workspace=cast.workspace, username="a", note=f"{start}HYPERLINK(1)")
    row = TrackedAccountResource().export().dict[0]
    assert row["note"] == f"'{start}HYPERLINK(1)"
    assert without_formula(-5) == -5


def test_export_reaches_the_operator(cast: Cast, operator: Client) -> None:
    TrackedAccount.objects.create(workspace=cast.workspace, username="tiny.pottery")
    answer = operator.post(
        reverse("admin:accounts_trackedaccount_export"),
        {"format": "0", "resource": "0", "trackedaccountresource_username": "on"},
    )
    assert answer.status_code == 200
    assert b"tiny.pottery" in answer.content


def test_staff_without_the_right_may_not_import(cast: Cast) -> None:
    cast.operator.is_superuser = False
    cast.operator.save()
    assert cast.client(cast.operator).get(reverse(IMPORT)).status_code == 403


def test_a_right_to_change_people_is_no_way_to_all_rights(cast: Cast) -> None:
    User.objects.filter(pk=cast.operator.pk).update(is_superuser=False)
    clerk, chief = User.objects.get(pk=cast.operator.pk), cast.owner
    about_people = Permission.objects.filter(content_type__app_label="accounts", codename__endswith="_user")
    clerk.user_permissions.add(*about_people)
    User.objects.filter(pk=chief.pk).update(is_superuser=True)
    client = cast.client(clerk)
    own = reverse("admin:accounts_user_change", args=[clerk.pk])
    form = {"email": clerk.email, "time_zone": "UTC", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert client.post(own, form).status_code == 302
    assert not User.objects.get(pk=clerk.pk).is_superuser
    for address in ("admin:accounts_user_change", "admin:auth_user_password_change"):
        assert client.post(reverse(address, args=[chief.pk]), form).status_code == 403
    acts = {"action": "keep_out", "_selected_action": [str(chief.pk)]}
    shown = client.post(reverse("admin:accounts_user_changelist"), acts, follow=True).content.decode()
    assert "Only somebody who has all rights" in shown
    assert User.objects.get(pk=chief.pk).is_active
