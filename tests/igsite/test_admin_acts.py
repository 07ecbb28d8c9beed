"""What operators do in the admin is done by the domain, refused by it, and written down."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession

from accounts.models import InstagramLogin, Invitation, Membership, Proxy, User, Workspace
from igsite.models import AuditEntry
from igsite.ownership import Role
from monitoring.models import Monitor
from scans.models import ListExport, ScanSchedule
from tests.igsite.admin_rows import made
from tests.people import Cast

pytestmark = pytest.mark.django_db


def act(cast: Cast, table: str, action: str, *rows: Any) -> str:
    """Choose rows and an act. Returns the page that tells what came of it."""
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    answer = cast.client(cast.operator).post(f"/admin/{table}/", chosen, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def written(cast: Cast) -> list[str]:
    acts = AuditEntry.objects.filter(who=cast.operator).exclude(action="workspace.created")
    return list(acts.order_by("at").values_list("action", flat=True))


def test_logins_are_paused_and_resumed(cast: Cast) -> None:
    login = made("accounts.instagramlogin")
    assert "Only a login that works can be paused." in act(cast, "accounts/instagramlogin", "pause", login)
    InstagramLogin.objects.update(status="ready")
    act(cast, "accounts/instagramlogin", "pause", login)
    login.refresh_from_db()
    assert login.status == "paused"
    act(cast, "accounts/instagramlogin", "resume", login)
    login.refresh_from_db()
    assert login.status == "ready"
    assert written(cast) == ["login.paused", "login.resumed"]


def test_proxies_are_marked_and_tried(cast: Cast) -> None:
    proxy = made("accounts.proxy")
    for action, state in (("mark_bad", "bad"), ("mark_good", "good")):
        act(cast, "accounts/proxy", action, proxy)
        assert Proxy.objects.get().state == state
    assert written(cast) == ["proxy.marked", "proxy.marked"]


def test_schedules_and_monitors_rest_and_go_on(cast: Cast) -> None:
    schedule, monitor = made("scans.scanschedule"), made("monitoring.monitor")
    act(cast, "scans/scanschedule", "pause", schedule)
    assert not ScanSchedule.objects.get().is_on
    act(cast, "scans/scanschedule", "resume", schedule)
    assert ScanSchedule.objects.get().is_on
    for action, state in (("pause", "paused"), ("resume", "active"), ("stop", "stopped")):
        act(cast, "monitoring/monitor", action, monitor)
        assert Monitor.objects.get().state == state
    assert written(cast) == ["schedule.changed"] * 2 + ["monitor.paused", "monitor.resumed", "monitor.stopped"]
    assert "This monitor was stopped." in act(cast, "monitoring/monitor", "resume", monitor)


def test_somebody_is_signed_out_kept_out_and_let_in(cast: Cast) -> None:
    browser = cast.client(cast.owner)
    assert browser.get("/accounts/").status_code == 200
    assert UserSession.objects.filter(user=cast.owner).exists()
    act(cast, "accounts/user", "sign_out", cast.owner)
    assert browser.get("/accounts/").status_code == 302
    again = cast.client(cast.owner)
    act(cast, "accounts/user", "keep_out", cast.owner)
    assert again.get("/accounts/").status_code == 302
    assert not User.objects.get(pk=cast.owner.pk).is_active
    act(cast, "accounts/user", "let_in", cast.owner)
    assert User.objects.get(pk=cast.owner.pk).is_active
    assert "You cannot do this to yourself." in act(cast, "accounts/user", "keep_out", cast.operator)
    said = ["person.signed_out", "person.switched_off", "person.signed_out", "person.switched_on"]
    assert sorted(written(cast)) == sorted(said)


def test_roles_change_and_an_owner_stays(cast: Cast) -> None:
    table = "accounts/membership"
    act(cast, table, "make_editor", cast.membership(cast.viewer))
    assert cast.membership(cast.viewer).role == Role.EDITOR
    assert "A workspace needs an owner." in act(cast, table, "make_viewer", cast.membership(cast.owner))
    act(cast, table, "remove", cast.membership(cast.viewer))
    assert not Membership.objects.filter(user=cast.viewer, workspace=cast.workspace).exists()
    assert written(cast) == ["member.role_changed", "member.removed"]


def test_workspaces_are_renamed_and_closed_as_on_their_pages(cast: Cast) -> None:
    address = f"/admin/accounts/workspace/{cast.workspace.pk}/change/"
    empty = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    answer = cast.client(cast.operator).post(address, {"name": "Clay", "time_zone": "UTC", **empty})
    assert answer.status_code == 302
    act(cast, "accounts/workspace", "close", cast.workspace)
    closed = Workspace.objects.get(pk=cast.workspace.pk)
    assert closed.name == "Clay"
    assert closed.closed_at is not None
    assert written(cast) == ["workspace.changed", "workspace.closed"]


def test_a_password_set_by_an_operator_is_written_down(cast: Cast) -> None:
    new = {"usable_password": "true", "password1": "another-long-one-5", "password2": "another-long-one-5"}
    answer = cast.client(cast.operator).post(f"/admin/accounts/user/{cast.owner.pk}/password/", new)
    assert answer.status_code == 302
    assert written(cast) == ["user.password_set"]


def test_invitations_are_taken_back_and_files_deleted(cast: Cast) -> None:
    act(cast, "accounts/invitation", "take_back", made("accounts.invitation"))
    assert not Invitation.objects.exists()
    act(cast, "scans/listexport", "remove", made("scans.listexport"))
    assert not ListExport.objects.exists()
    assert written(cast) == ["invitation.revoked", "list_export.deleted"]
