"""The doctor: each login, source and proxy of a workspace for its owners, the site for its staff; nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import proxy_health
from accounts.models import InstagramLogin, LoginStatus, Proxy
from igsite import doctor
from tests.people import Cast

pytestmark = pytest.mark.django_db
EVERYTHING = {"now": "1"}


def login_of(cast: Cast, name: str, status: LoginStatus, **more: Any) -> InstagramLogin:
    workspace = more.pop("workspace", cast.workspace)
    return InstagramLogin.objects.create(workspace=workspace, username=name, status=status, **more)


def page_of(client: Client) -> str:
    return str(client.get(reverse("settings:doctor"), EVERYTHING).content.decode())


def test_an_owner_sees_each_login_proxy_and_source_and_what_to_do(cast: Cast) -> None:
    login_of(cast, "fine", LoginStatus.READY)
    needy = login_of(cast, "needy", LoginStatus.NEEDS_CODE, status_note="Instagram asks for a code.")
    login_of(cast, "foreign", LoginStatus.READY, workspace=cast.elsewhere)
    proxy = Proxy.objects.create(workspace=cast.workspace, name="Kiln", scheme="http", host="p.example.net", port=1)
    proxy_health.refused_us(proxy.pk, "Nobody listens there.", now=timezone.now())
    page = page_of(cast.client(cast.owner))
    assert "@fine" in page
    assert "Instagram asks for a code." in page
    assert reverse("settings:login", args=[needy.pk]) in page
    assert "Nobody listens there." in page
    assert reverse("settings:proxy", args=[proxy.pk]) in page
    assert "Public web" in page
    assert "foreign" not in page
    assert "database" not in page


def test_rows_are_asked_for_one_by_one(cast: Cast) -> None:
    client = cast.client(cast.owner)
    login_of(cast, "fine", LoginStatus.READY)
    page = client.get(reverse("settings:doctor")).content.decode()
    address = reverse("settings:doctor_workspace", args=["logins"])
    assert f'hx-get="{address}"' in page
    assert "@fine" not in page
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "@fine" in part
    assert "<html" not in part


def test_the_site_is_for_its_staff(cast: Cast) -> None:
    staff, owner = cast.client(cast.operator), cast.client(cast.owner)
    address = reverse("settings:doctor_site", args=["database"])
    assert "Postgres" in staff.get(address).content.decode()
    assert owner.get(address).status_code == 404
    assert staff.get(reverse("settings:doctor_site", args=["nothing"])).status_code == 404
    for key in doctor.site_checks():
        assert staff.get(reverse("settings:doctor_site", args=[key])).status_code == 200
    assert cast.client(cast.viewer).get(reverse("settings:doctor")).status_code == 403
    assert cast.client(cast.editor).get(reverse("settings:doctor_workspace", args=["logins"])).status_code == 404


@pytest.mark.parametrize(
    ("status", "more", "ok"),
    [
        (LoginStatus.READY, {}, True),
        (LoginStatus.READY, {"reads_resume_at": timezone.now() + timedelta(hours=1)}, None),
        (LoginStatus.PAUSED, {}, None),
        (LoginStatus.FROZEN, {}, False),
        (LoginStatus.NEEDS_LOGIN, {}, False),
        (LoginStatus.NEEDS_APPROVAL, {}, False),
    ],
)
def test_a_login_is_well_when_it_works(cast: Cast, status: LoginStatus, more: dict[str, Any], ok: bool | None) -> None:
    login_of(cast, "one", status, **more)
    assert [finding.ok for finding in doctor.of_workspace("logins", cast.workspace)] == [ok]


def test_the_command_names_what_is_not_well_in_a_workspace(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    login_of(cast, "fine", LoginStatus.READY)
    login_of(cast, "needy", LoginStatus.NEEDS_LOGIN, status_note="Instagram ended this session.")
    with pytest.raises(SystemExit):
        call_command("doctor")
    printed = capsys.readouterr().out
    assert "NOT OK   Pottery: @needy: Needs a new sign-in. Instagram ended this session." in printed
    assert "@fine" not in printed
    assert "vault:" in printed


def test_a_mail_server_that_does_not_answer_is_told(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert doctor.mail().ok is False
