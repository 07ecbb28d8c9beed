"""Safelists: added by name, number or file, noted, taken off, handed out; the buttons on a person's page."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Profile, TrackedAccount
from automation.models import Safelist, SafelistEntry
from igsite.models import AuditEntry
from scans.models import Direction, EdgeList
from tests.people import Cast

pytestmark = pytest.mark.django_db
FIRST = 3_100_000_001
ADDRESS = "/actions/safelists/never_unfollow/"


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def tracked(cast: Cast, count: int) -> list[int]:
    """People whom the workspace knows."""
    for n in range(count):
        profile = Profile.objects.create(pk=FIRST + n, username=f"glaze{n}", full_name=f"Glaze {n}")
        TrackedAccount.objects.create(workspace=cast.workspace, username=profile.username, profile=profile)
    return [FIRST + n for n in range(count)]


def safe(cast: Cast, pks: list[int], note: str = "") -> None:
    now = timezone.now()
    SafelistEntry.objects.bulk_create(
        SafelistEntry(
            workspace=cast.workspace, safelist=Safelist.NEVER_UNFOLLOW, target_pk=pk, note=note, added_at=now
        )
        for pk in pks
    )  # fmt: skip


def listed(cast: Cast) -> dict[int, str]:
    mine = SafelistEntry.objects.for_workspace(cast.workspace).filter(safelist=Safelist.NEVER_UNFOLLOW)
    return dict(mine.values_list("target_pk", "note"))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_people_are_added_by_name_address_and_number(editor: Client, cast: Cast) -> None:
    pks = tracked(cast, 3)
    names = f"@glaze0\nhttps://instagram.com/glaze1/ {pks[2]}"
    editor.post(f"{ADDRESS}add/", {"names": names, "note": "Friends"})
    assert listed(cast) == dict.fromkeys(pks, "Friends")
    page = text(editor.get(ADDRESS))
    assert "@glaze1" in page
    assert "Friends" in page
    assert AuditEntry.objects.filter(action="safelist.added", who=cast.editor).count() == 1


def test_whoever_is_not_known_is_named_and_nothing_is_lost(editor: Client, cast: Cast) -> None:
    tracked(cast, 1)
    answer = editor.post(f"{ADDRESS}add/", {"names": "@glaze0, @nobody.here", "note": "Why not"})
    assert answer.status_code == 422
    assert "1 person is not known here yet: @nobody.here" in text(answer)
    assert "@glaze0, @nobody.here</textarea>" in text(answer)
    assert 'value="Why not"' in text(answer)
    assert listed(cast) == {}


def test_notes_and_removals_in_bulk_and_one_by_one(editor: Client, cast: Cast) -> None:
    pks = tracked(cast, 4)
    safe(cast, pks)
    editor.post(f"{ADDRESS}change/", {"act": "note", "note": "Family", "ids": pks[:2]})
    assert [listed(cast)[pk] for pk in pks] == ["Family", "Family", "", ""]
    editor.post(f"{ADDRESS}change/", {"act": "remove", "ids": pks[:2]})
    editor.post(f"{ADDRESS}change/", {"remove_one": pks[2]})
    assert list(listed(cast)) == [pks[3]]
    assert AuditEntry.objects.filter(action="safelist.removed").count() == 2


def test_a_file_first_says_what_it_would_change(editor: Client, cast: Cast) -> None:
    pks = tracked(cast, 4)
    safe(cast, pks[:2], "Old")
    rows = f"pk;username;note\n{pks[1]};;New\n;glaze2;Sister\n;nobody.here;\n"
    file = SimpleUploadedFile("safe.csv", rows.encode())
    preview = editor.post(f"{ADDRESS}import/", {"file": file, "replaces": "on"})
    page = text(preview)
    assert "1 row names nobody who is known here" in page
    assert "@nobody.here" in page
    assert re.findall(r'<dd class="num">(\d+)</dd>', page) == ["1", "1", "0", "1"]
    assert listed(cast) == {pks[0]: "Old", pks[1]: "Old"}
    carried = preview.context["form"].initial["rows"]
    editor.post(f"{ADDRESS}import/", {"rows": carried, "replaces": "on", "confirm": "1"})
    assert listed(cast) == {pks[1]: "New", pks[2]: "Sister"}


@pytest.mark.parametrize("rows", ["{}[", '[["a", 1, 2]]', "[[-5, 0]]", '[[99999999999999999999, ""]]', "[1]"])
def test_rows_that_were_made_up_change_nothing(editor: Client, cast: Cast, rows: str) -> None:
    answer = editor.post(f"{ADDRESS}import/", {"rows": rows, "confirm": "1"})
    assert answer.status_code == 422
    assert listed(cast) == {}


def test_what_is_handed_out_can_be_handed_back(editor: Client, cast: Cast) -> None:
    pks = tracked(cast, 2)
    Profile.objects.filter(pk=pks[0]).update(full_name="=cmd()")
    safe(cast, pks, "+49")
    data = editor.get(f"{ADDRESS}export/").content
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {row["full_name"] for row in rows} == {"'=cmd()", "Glaze 1"}
    for name, body in (("s.csv", data), ("s.xlsx", editor.get(f"{ADDRESS}export/?format=xlsx").content)):
        page = text(editor.post(f"{ADDRESS}import/", {"file": SimpleUploadedFile(name, body), "replaces": "on"}))
        assert re.findall(r'<dd class="num">(\d+)</dd>', page) == ["0", "0", "2", "0"]


def test_a_file_that_is_none_is_said(editor: Client) -> None:
    for name, body in (("x.pdf", b"%PDF"), ("x.xlsx", b"no zip"), ("x.csv", b"\xff\xfe\x00")):
        answer = editor.post(f"{ADDRESS}import/", {"file": SimpleUploadedFile(name, body)})
        assert answer.status_code == 422


def test_somebody_is_put_on_a_list_from_their_own_page(editor: Client, cast: Cast) -> None:
    (pk,) = tracked(cast, 1)
    edges = EdgeList.objects.create(account=TrackedAccount.objects.get(), direction=Direction.FOLLOWERS)
    with connection.cursor() as cursor:
        cursor.execute("insert into edge_current values (%s, %s, 1, 1, 0, 0)", [pk, edges.pk])
    assert "Never unfollow" in text(editor.get(f"/people/{pk}/"))
    editor.post(f"/actions/safe/{pk}/", {"safelist": "never_unfollow"})
    assert listed(cast) == {pk: ""}
    assert 'aria-pressed="true"' in text(editor.get(f"/people/{pk}/"))
    editor.post(f"/actions/safe/{pk}/", {"safelist": "never_unfollow", "act": "remove"})
    assert listed(cast) == {}


def test_the_list_is_searched_paged_and_costs_the_same(editor: Client, cast: Cast) -> None:
    pks = tracked(cast, 60)
    safe(cast, pks[:1])
    editor.get(ADDRESS)
    with CaptureQueriesContext(connection) as few:
        editor.get(ADDRESS)
    safe(cast, pks[1:])
    editor.get(ADDRESS)
    with CaptureQueriesContext(connection) as many:
        first = editor.get(ADDRESS)
    assert len(few) == len(many)
    rest = editor.get(ADDRESS, {"cursor": first.context["page"].next})
    assert (text(first).count('name="ids"'), text(rest).count('name="ids"')) == (50, 10)
    assert text(editor.get(f"{ADDRESS}?q=glaze59")).count('name="ids"') == 1
    assert text(editor.get(f"{ADDRESS}?q={pks[7]}")).count('name="ids"') == 1


def test_a_viewer_reads_and_an_unknown_list_is_none(cast: Cast, editor: Client) -> None:
    safe(cast, tracked(cast, 1))
    viewer = cast.client(cast.viewer)
    page = text(viewer.get(ADDRESS))
    assert "@glaze0" in page
    assert 'name="ids"' not in page
    assert viewer.post(f"{ADDRESS}change/", {"remove_one": FIRST}).status_code == 403
    assert viewer.get(f"{ADDRESS}import/").status_code == 403
    assert editor.get("/actions/safelists/other/").status_code == 404
