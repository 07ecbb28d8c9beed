"""The audit log: who did what, never a secret, for owners only, and nobody edits it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from igsite import audit
from igsite.models import AuditEntry
from igsite.secrets import MASK, Secret
from tests.people import Cast

pytestmark = pytest.mark.django_db


def test_an_entry_carries_no_secret(cast: Cast) -> None:
    details = {
        "password": "hunter2",
        "session_id": "abc",
        "proxy": "http://user:hunter2@proxy:80",
        "seed": Secret("hunter2"),
        "names": ["anna", "authorization: Bearer hunter2"],
        "nested": {"api_key": "hunter2", "count": 3},
    }
    entry = audit.record(cast.owner, "login.added", cast.workspace, workspace=cast.workspace, details=details)
    entry.refresh_from_db()
    assert "hunter2" not in str(entry.details)
    assert entry.details["password"] == MASK
    assert entry.details["nested"] == {"api_key": MASK, "count": 3}
    assert entry.target == f"accounts.workspace:{cast.workspace.pk}"


def test_an_entry_outlives_the_person_and_the_workspace(cast: Cast) -> None:
    entry = audit.record(cast.stranger, "workspace.changed", cast.elsewhere, workspace=cast.elsewhere)
    cast.elsewhere.delete()
    cast.stranger.delete()
    entry.refresh_from_db()
    assert (entry.who_label, entry.target_label, entry.workspace) == ("stranger@example.com", "Elsewhere", None)


def test_owners_read_their_own_workspaces_log_and_nobody_elses(cast: Cast) -> None:
    audit.record(cast.owner, "pot.fired", "a pot", workspace=cast.workspace)
    audit.record(cast.stranger, "wheel.stolen", "a wheel", workspace=cast.elsewhere)
    page = cast.client(cast.owner).get(reverse("settings:audit")).content
    assert b"pot.fired" in page
    assert b"wheel.stolen" not in page
    for person in (cast.editor, cast.viewer):
        assert cast.client(person).get(reverse("settings:audit")).status_code == 403


def test_the_log_is_read_page_by_page(cast: Cast) -> None:
    for number in range(120):
        audit.record(cast.owner, "pot.fired", f"pot {number:03}", workspace=cast.workspace)
    client, address, shown = cast.client(cast.owner), reverse("settings:audit"), 0
    while address:
        page = client.get(address, headers={"HX-Request": "true", "HX-Target": "more-rows"}).content.decode()
        shown += page.count("pot.fired")
        following = re.search(r'href="[^"]*\?(cursor=[^"]+)"', page)
        address = f"{reverse('settings:audit')}?{unescape(following[1])}" if following else ""
    assert shown == 120


def test_the_admin_shows_the_log_and_changes_nothing(cast: Cast) -> None:
    entry = audit.record(cast.owner, "pot.fired", "a pot", workspace=cast.workspace)
    client = cast.client(cast.operator)
    assert b"pot.fired" in client.get("/admin/igsite/auditentry/").content
    assert client.get(f"/admin/igsite/auditentry/{entry.pk}/change/").status_code == 200
    assert client.post(f"/admin/igsite/auditentry/{entry.pk}/change/", {"action": "x"}).status_code == 403
    # There are no addresses for more.
    assert client.post(f"/admin/igsite/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 404
    assert client.post("/admin/igsite/auditentry/add/", {"action": "x"}).status_code == 404
    assert AuditEntry.objects.get(pk=entry.pk).action == "pot.fired"
