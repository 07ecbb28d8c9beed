"""Workspaces: one's own, switching, members, roles, leaving; the last owner stays."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, connections, transaction

from accounts import closing, members, tokens, workspaces
from accounts.models import Membership, TokenScope, TrackedAccount, User, Workspace
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.models import AuditEntry
from igsite.ownership import Role
from tests.people import Cast, make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_everybody_has_a_workspace_of_their_own_from_the_first_page_on(cast: Cast) -> None:
    assert not Membership.objects.filter(user=cast.operator).exists()
    client = cast.client(cast.operator)
    assert client.get("/settings/workspaces/").status_code == 200
    assert client.get("/settings/workspaces/").status_code == 200
    assert Membership.objects.get(user=cast.operator).role == Role.OWNER


def test_switching_changes_what_the_pages_show(cast: Cast) -> None:
    Membership.objects.create(workspace=cast.workspace, user=cast.stranger, role=Role.VIEWER)
    client = cast.client(cast.stranger)
    assert b"People in Elsewhere" in client.get("/settings/members/").content
    assert client.post("/settings/workspaces/switch/", {"workspace": cast.workspace.pk}).status_code == 302
    assert b"People in Pottery" in client.get("/settings/members/").content


def test_a_stranger_cannot_switch_to_a_workspace(cast: Cast) -> None:
    client = cast.client(cast.stranger)
    assert client.post("/settings/workspaces/switch/", {"workspace": cast.workspace.pk}).status_code == 404
    assert client.post("/settings/workspaces/switch/", {"workspace": "'; drop"}).status_code == 404
    assert b"People in Elsewhere" in client.get("/settings/members/").content


def test_a_switch_leads_back_to_this_site_only(cast: Cast) -> None:
    client = cast.client(cast.owner)
    form = {"workspace": cast.workspace.pk, "next": "https://evil.example/"}
    assert client.post("/settings/workspaces/switch/", form).headers["Location"] == "/"


def test_a_workspace_planted_in_the_session_opens_nothing(cast: Cast) -> None:
    client = cast.client(cast.stranger)
    session = client.session
    session[workspaces.SESSION_KEY] = str(cast.workspace.pk)
    session.save()
    assert b"People in Elsewhere" in client.get("/settings/members/").content


def test_only_owners_change_the_workspace(cast: Cast) -> None:
    form = {"name": "Ceramics", "time_zone": "Europe/Berlin"}
    for person in (cast.editor, cast.viewer):
        assert cast.client(person).post("/settings/workspaces/", form).status_code == 403
    assert cast.client(cast.owner).post("/settings/workspaces/", form).status_code == 302
    cast.workspace.refresh_from_db()
    assert (cast.workspace.name, cast.workspace.time_zone) == ("Ceramics", "Europe/Berlin")


def test_an_unknown_time_zone_is_refused_with_the_page(cast: Cast) -> None:
    answer = cast.client(cast.owner).post("/settings/workspaces/", {"name": "Ceramics", "time_zone": "Mars/Olympus"})
    assert answer.status_code == 422
    cast.workspace.refresh_from_db()
    assert cast.workspace.name == "Pottery"


def test_the_profile_saves_what_it_offers_and_nothing_else(cast: Cast) -> None:
    form = {"first_name": "Kira\x00\u202e", "time_zone": "Asia/Tokyo", "is_staff": "1", "email": "x@example.com"}
    assert cast.client(cast.owner).post("/settings/profile/", form).status_code == 302
    cast.owner.refresh_from_db()
    assert (cast.owner.time_zone, cast.owner.is_staff) == ("Asia/Tokyo", False)
    assert cast.owner.email == "owner@example.com"
    assert "\x00" not in cast.owner.first_name


def test_only_owners_change_roles(cast: Cast) -> None:
    address = f"/settings/members/{cast.membership(cast.viewer).pk}/role/"
    for person in (cast.editor, cast.viewer):
        assert cast.client(person).post(address, {"role": "owner"}).status_code == 403
    assert cast.membership(cast.viewer).role == Role.VIEWER
    assert cast.client(cast.owner).post(address, {"role": "editor"}).status_code == 302
    assert cast.membership(cast.viewer).role == Role.EDITOR
    assert AuditEntry.objects.get(action="member.role_changed").details == {"from": "viewer", "to": "editor"}


def test_a_role_that_does_not_exist_changes_nothing(cast: Cast) -> None:
    address = f"/settings/members/{cast.membership(cast.viewer).pk}/role/"
    cast.client(cast.owner).post(address, {"role": "root"})
    assert cast.membership(cast.viewer).role == Role.VIEWER


def test_a_member_leaves_and_sees_their_own_workspace_again(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    assert client.post(f"/settings/members/{cast.membership(cast.viewer).pk}/remove/").status_code == 302
    assert b"People in Pottery" not in client.get("/settings/members/").content
    assert b"Viewer&#x27;s workspace" in client.get("/settings/workspaces/").content


def test_only_owners_remove_others(cast: Cast) -> None:
    address = f"/settings/members/{cast.membership(cast.viewer).pk}/remove/"
    assert cast.client(cast.editor).post(address).status_code == 403
    assert cast.client(cast.owner).post(address).status_code == 302
    assert not Membership.objects.filter(user=cast.viewer, workspace=cast.workspace).exists()


def test_the_last_owner_cannot_go_nor_step_down(cast: Cast) -> None:
    client, membership = cast.client(cast.owner), cast.membership(cast.owner)
    for address, form in (("remove", {}), ("role", {"role": "viewer"})):
        page = client.post(f"/settings/members/{membership.pk}/{address}/", form, follow=True)
        assert b"A workspace needs an owner" in page.content
    assert cast.membership(cast.owner).role == Role.OWNER


def test_the_database_keeps_an_owner_too(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="needs an owner"), transaction.atomic():
        Membership.objects.filter(user=cast.owner).update(role=Role.VIEWER)
        connection.cursor().execute("set constraints all immediate")


def test_a_workspace_can_be_deleted_with_its_owner(cast: Cast) -> None:
    cast.elsewhere.delete()
    connection.cursor().execute("set constraints all immediate")
    assert not Membership.objects.filter(user=cast.stranger).exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_leave_at_once_leave_one_behind() -> None:
    workspace = make_workspace("Pottery", anna=Role.OWNER, bert=Role.OWNER)
    refused: list[str] = []

    def leave(membership: Membership) -> None:
        try:
            members.remove(membership=membership, by=membership.user)
        except members.LastOwner:
            refused.append(membership.user.email)
        finally:
            connections.close_all()

    leaving = [threading.Thread(target=leave, args=[one]) for one in workspace.memberships.select_related("user")]
    for thread in leaving:
        thread.start()
    for thread in leaving:
        thread.join()
    assert len(refused) == 1
    assert workspace.memberships.get().user.email == refused[0]


@pytest.mark.django_db(transaction=True)
def test_two_first_requests_at_once_make_one_workspace() -> None:
    user = make_user("anna")

    def first_page() -> None:
        try:
            workspaces.own_workspace(User.objects.get(pk=user.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=first_page) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(user=user).count() == 1


def test_the_websocket_hears_the_workspace_of_the_session_and_no_other(cast: Cast) -> None:
    chosen = {workspaces.SESSION_KEY: str(cast.workspace.pk)}
    assert workspaces.live_workspace(cast.viewer, chosen) == cast.workspace.pk
    assert workspaces.live_workspace(cast.stranger, chosen) == cast.elsewhere.pk
    assert workspaces.live_workspace(AnonymousUser(), chosen) is None
    cast.viewer.is_active = False
    assert workspaces.live_workspace(cast.viewer, chosen) is None
    cast.membership(cast.editor).delete()
    assert workspaces.live_workspace(cast.editor, chosen) is None


def test_another_workspace_is_made_and_worked_in(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    assert client.post("/settings/workspaces/new/", {"name": "  Glaze\x00 lab "}).status_code == 302
    made = Membership.objects.exclude(workspace=cast.workspace).get(user=cast.viewer)
    assert (made.role, made.workspace.name) == (Role.OWNER, "Glaze lab")
    assert b"People in Glaze lab" in client.get("/settings/members/").content


def test_a_workspace_without_a_name_is_not_made(cast: Cast) -> None:
    answer = cast.client(cast.viewer).post("/settings/workspaces/new/", {"name": " "})
    assert answer.status_code == 422
    assert Membership.objects.filter(user=cast.viewer).count() == 1


@pytest.mark.parametrize("typed", ["", "pottery", "Elsewhere"])
def test_a_workspace_goes_only_by_its_name(cast: Cast, typed: str) -> None:
    answer = cast.client(cast.owner).post("/settings/workspaces/delete/", {"name": typed})
    assert answer.status_code == 422
    assert b"This is not the name of the workspace" in answer.content
    assert cast.membership(cast.viewer).role == Role.VIEWER


def test_only_owners_delete_the_workspace(cast: Cast) -> None:
    for person in (cast.editor, cast.viewer):
        assert cast.client(person).post("/settings/workspaces/delete/", {"name": "Pottery"}).status_code == 403


def test_a_deleted_workspace_is_closed_to_everybody_at_once_and_then_erased(cast: Cast) -> None:
    client, reader = cast.client(cast.owner), cast.client(cast.viewer)
    life, scope = timedelta(days=1), TokenScope.READ
    _token, key = tokens.issue(
        membership=cast.membership(cast.viewer), name="CI", scope=scope, life=life, by=cast.viewer
    )
    for name in ("clay.one", "clay.two"):
        TrackedAccount.objects.create(workspace=cast.workspace, username=name)
    assert client.post("/settings/workspaces/delete/", {"name": "Pottery"}).status_code == 302
    connection.cursor().execute("set constraints all immediate")
    assert b"People in Pottery" not in client.get("/settings/members/").content
    assert b"People in Pottery" not in reader.get("/settings/members/").content
    assert reader.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 401
    assert AuditEntry.objects.filter(action="workspace.closed", details={"name": "Pottery"}).exists()
    job = Job.objects.get(kind="workspace.erase")
    runner.run_inline(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not Workspace.objects.filter(pk=cast.workspace.pk).exists()
    assert not TrackedAccount.objects.filter(username__startswith="clay").exists()


def test_an_open_workspace_is_never_erased(cast: Cast) -> None:
    assert closing.erase_some(str(cast.elsewhere.pk)) is False
    assert Membership.objects.filter(user=cast.stranger, workspace=cast.elsewhere).exists()
