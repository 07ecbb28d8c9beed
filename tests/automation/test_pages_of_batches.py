"""The pages of actions: naming people, the review, what runs, the report, undoing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import InstagramLogin, LoginStatus, Profile
from automation import batches, lookups, staging
from automation.models import (
    ActionKind,
    Attempt,
    AttemptState,
    Batch,
    BatchState,
    Exclusion,
    Item,
    ItemState,
    Safelist,
    SafelistEntry,
)
from automation.staged_expiry import STAGED_FOR, let_expire
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from tests.people import Cast

pytestmark = pytest.mark.django_db
FIRST = 3_000_000_001


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


@pytest.fixture
def login(cast: Cast) -> InstagramLogin:
    now = timezone.now()
    return InstagramLogin.objects.create(
        workspace=cast.workspace, username="kiln.login", status=LoginStatus.READY, ready_since=now - timedelta(days=30)
    )


def people(count: int, **more: Any) -> list[int]:
    """Known to the site, by their numbers."""
    made = [Profile(pk=FIRST + n, username=f"potter{n}", full_name=f"Potter {n}", **more) for n in range(count)]
    Profile.objects.bulk_create(made)
    return [one.pk for one in made]


def staged(cast: Cast, login: InstagramLogin, pks: list[int], kind: ActionKind = ActionKind.FOLLOW) -> Batch:
    return staging.stage(
        workspace=cast.workspace, login=login, kind=kind, pks=pks, by=cast.editor, now=timezone.now(), reason="Chosen"
    )


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def states(batch: Batch) -> list[str]:
    return [str(one) for one in Item.objects.filter(batch=batch).order_by("position").values_list("state", flat=True)]


def sent(batch: Batch, state: str, reading: dict[str, object] | None = None) -> Item:
    """The first waiting person of a batch, as if the action had been sent."""
    item = Item.objects.filter(batch=batch, state=ItemState.WAITING).order_by("position")[0]
    now = timezone.now()
    Attempt.objects.create(
        workspace=batch.workspace, login=batch.login, item=item, kind=batch.kind, reserved_at=now, lease_until=now,
        sent_at=now, ended_at=now, state=AttemptState.DONE, answer="ok", reading=reading, read_at=now,
    )  # fmt: skip
    Item.objects.filter(pk=item.pk).update(state=state, settled_at=now)
    item.refresh_from_db()
    return item


def ended(batch: Batch, state: BatchState = BatchState.DONE) -> Batch:
    now = timezone.now()
    Batch.objects.filter(pk=batch.pk).update(state=state, confirmed_at=now, job_uuid=uuid4(), ended_at=now)
    batch.refresh_from_db()
    return batch


def test_without_a_login_the_form_says_what_to_do(editor: Client, cast: Cast) -> None:
    assert "An owner of the workspace adds it." in text(editor.get("/actions/new/"))
    assert "/settings/logins/add/" in text(cast.client(cast.owner).get("/actions/new/"))
    assert "No batches yet" in text(editor.get("/actions/"))


def test_numbers_names_and_addresses_become_a_batch(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    pks = people(3)
    staged(cast, login, pks, ActionKind.REMOVE)  # they are people of this workspace
    Batch.objects.update(state=BatchState.CANCELLED, ended_at=timezone.now())
    Item.objects.update(state=ItemState.CANCELLED)
    names = f"{pks[0]}, @Potter1\nhttps://www.instagram.com/potter2/?igsh=1"
    answer = editor.post("/actions/stage/", {"kind": "follow", "login": login.pk, "names": names})
    batch = Batch.objects.get(state=BatchState.STAGED)
    assert answer.headers["Location"] == f"/actions/{batch.pk}/"
    assert list(Item.objects.filter(batch=batch).order_by("position").values_list("target_pk", flat=True)) == pks
    assert AuditEntry.objects.filter(action="batch.staged", who=cast.editor).exists()


def test_nothing_that_was_typed_or_handed_over_is_lost(editor: Client, login: InstagramLogin) -> None:
    file = SimpleUploadedFile("people.csv", b"pk;username\n;carol\n31;\n")
    sent_form = {"kind": "unfollow", "login": login.pk, "names": "no/thing@all, @anna", "file": file}
    answer = editor.post("/actions/stage/", sent_form)
    assert answer.status_code == 422
    page = text(answer)
    assert "These are no names of people" in page
    for kept in ("no/thing@all", "@anna", "@carol", "31", 'value="unfollow" id="id_kind_1" aria'):
        assert kept.split(" aria")[0] in page
    assert not Batch.objects.exists()


def test_who_is_not_known_is_looked_up_only_when_that_is_said(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    Profile.objects.create(pk=FIRST, username="elsewhere.only")  # another workspace knows the name: nobody here does
    form = {"kind": "follow", "login": str(login.pk), "names": "@anna @elsewhere.only"}
    answer = editor.post("/actions/stage/", form)
    assert answer.status_code == 422
    assert "2 people are not known here yet: @anna, @elsewhere.only" in text(answer)
    assert not Job.objects.exists()
    answer = editor.post("/actions/stage/", form | {"unknown": "look"})
    job = Job.objects.get(kind=lookups.LOOKUP)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    assert (job.params["names"], job.total_units) == (["@anna", "@elsewhere.only"], 2)
    assert "People looked up" in text(editor.get(f"/actions/lookups/{job.uuid}/"))
    answer = editor.post("/actions/stage/", form | {"unknown": "leave"})
    assert answer.status_code == 422  # then nobody is left
    assert cast.client(cast.stranger).get(f"/actions/lookups/{job.uuid}/").status_code == 404


def test_the_review_says_what_happens_to_how_many_and_how_long_it_takes(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    pks = people(130)
    Profile.objects.filter(pk=pks[1]).update(is_private=True)
    Profile.objects.filter(pk=pks[2]).update(followers_count=900_000)
    batch = staged(cast, login, pks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.PACE_SCALE", 1)
        page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "Follow 129 people from @kiln.login" in page
    assert "Private account" in page
    assert "Large account: seldom follows back" in page
    assert "About 3 days" in page
    assert "10 an hour and 60 a day" in page
    assert "it is cancelled on" in page
    assert page.count('name="ids"') == 50


def test_people_are_left_out_and_taken_in_but_nobody_who_is_safe(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    pks = people(4)
    safe = {"workspace": cast.workspace, "safelist": Safelist.DO_NOT_FOLLOW, "added_at": timezone.now()}
    SafelistEntry.objects.create(target_pk=pks[0], **safe)
    batch = staged(cast, login, pks)
    items = list(Item.objects.filter(batch=batch).order_by("position").values_list("pk", flat=True))
    address = f"/actions/{batch.pk}/choose/"
    editor.post(address, {"one": f"leave:{items[1]}"})
    editor.post(address, {"act": "leave", "ids": [items[2], items[3]]})
    assert states(batch) == ["excluded"] * 4
    assert Item.objects.get(pk=items[1]).exclusion == Exclusion.BY_HAND
    answer = editor.post(address, {"act": "take_all"}, headers={"HX-Request": "true", "HX-Target": "review"})
    assert "3 people were taken in. Still left out: On a safelist (1)." in text(answer)
    assert "<html" not in text(answer)
    assert states(batch) == ["excluded", "waiting", "waiting", "waiting"]
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"batch.left_out", "batch.taken_in"} <= actions


def test_a_batch_of_others_lends_nobody(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    pks = people(2)
    mine, other = staged(cast, login, pks[:1]), staged(cast, login, pks[1:])
    foreign = Item.objects.get(batch=other)
    editor.post(f"/actions/{mine.pk}/choose/", {"act": "leave", "ids": [foreign.pk]})
    assert states(other) == ["waiting"]


def test_it_begins_only_with_as_many_as_were_read(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    batch = staged(cast, login, people(3))
    address = f"/actions/{batch.pk}/confirm/"
    answer = editor.post(address, {"count": "2"}, follow=True)
    assert "The batch changed meanwhile" in text(answer)
    assert editor.post(address, {"count": "3", "starts_at": "2099-01-01T10:00"}).status_code == 422
    batch.refresh_from_db()
    assert batch.state == BatchState.STAGED
    start = timezone.now() + timedelta(days=2)
    editor.post(address, {"count": "3", "starts_at": f"{start:%Y-%m-%dT%H:%M}"})
    batch.refresh_from_db()
    assert batch.state == BatchState.CONFIRMED
    assert batch.starts_at == Job.objects.get(kind=batches.RUN).due_at == start.replace(second=0, microsecond=0)
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "How far it is" in page
    assert 'value="pause"' in page


def test_pause_resume_and_cancel_from_the_page(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    batch = staged(cast, login, people(2))
    batches.confirm(batch=batch, by=cast.editor, now=timezone.now())
    for act, state in (("pause", "paused"), ("resume", "confirmed"), ("cancel", "cancelled")):
        editor.post(f"/actions/{batch.pk}/act/", {"act": act})
        batch.refresh_from_db()
        assert batch.state == state
    answer = editor.post(f"/actions/{batch.pk}/act/", {"act": "resume"}, follow=True)
    assert "Only a paused batch can be resumed" in text(answer)


def test_a_freeze_is_explained_with_what_to_do(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    batch = staged(cast, login, people(2))
    batches.confirm(batch=batch, by=cast.editor, now=timezone.now())
    InstagramLogin.objects.update(status=LoginStatus.FROZEN, writes_resume_at=timezone.now() + timedelta(hours=30))
    Batch.objects.update(state=BatchState.FROZEN)
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "Instagram blocked actions" in page
    assert f"/settings/logins/{login.pk}/" in page
    assert "It can be unfrozen from" in page


def test_what_nobody_knows_is_judged_by_a_person_and_never_sent(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    batch = staged(cast, login, people(3))
    unknown = [sent(batch, ItemState.UNKNOWN, {"seen": False}) for _time in range(3)]
    ended(batch)
    assert "Of 3 people nobody knows" in text(editor.get(f"/actions/{batch.pk}/"))
    for item, verdict in zip(unknown, ("look", "happened", "not"), strict=True):
        editor.post(f"/actions/{batch.pk}/items/{item.pk}/judge/", {"verdict": verdict})
    assert states(batch) == ["answered", "done", "failed"]
    answer = editor.post(f"/actions/{batch.pk}/items/{unknown[2].pk}/judge/", {"verdict": "look"}, follow=True)
    assert "is known by now" in text(answer)
    assert Attempt.objects.count() == 3


def test_the_report_tells_times_answer_and_reading_and_is_a_file(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    pks = people(2)
    Profile.objects.filter(pk=pks[0]).update(full_name="=1+1")
    batch = staged(cast, login, pks)
    sent(batch, ItemState.DONE, {"seen": True, "following": True, "followed_by": False, "outgoing_request": False})
    ended(batch)
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "reserved" in page
    assert "you follow them" in page
    answer = editor.get(f"/actions/{batch.pk}/report/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["username"], row["state"], row["answer"]) for row in rows] == [
        ("potter0", "done", "ok"), ("potter1", "waiting", "")
    ]  # fmt: skip
    assert rows[0]["full_name"] == "'=1+1"
    book = openpyxl.load_workbook(io.BytesIO(editor.get(f"/actions/{batch.pk}/report/?format=xlsx").content))
    assert book.worksheets[0].max_row == 3
    assert AuditEntry.objects.filter(action="batch.exported").count() == 2


def test_follows_are_undone_by_a_linked_batch_after_seven_days(
    editor: Client, cast: Cast, login: InstagramLogin
) -> None:
    batch = staged(cast, login, people(3))
    for state in (ItemState.DONE, ItemState.ALREADY):
        sent(batch, state)
    ended(batch)
    assert "Undo: unfollow 1 person" in text(editor.get(f"/actions/{batch.pk}/"))
    answer = editor.post(f"/actions/{batch.pk}/undo/")
    undoing = Batch.objects.get(undoes=batch)
    assert answer.headers["Location"] == f"/actions/{undoing.pk}/"
    assert (undoing.kind, states(undoing)) == (ActionKind.UNFOLLOW, ["waiting"])
    assert undoing.starts_at is not None
    assert undoing.starts_at > timezone.now() + timedelta(days=6)
    page = text(editor.get(f"/actions/{undoing.pk}/"))
    assert "Unfollow 1 person from @kiln.login" in page
    assert "followed for seven days" in page
    assert "there is nothing to undo" in text(editor.post(f"/actions/{undoing.pk}/undo/", follow=True))


def test_what_nobody_confirms_is_cancelled_after_two_weeks(cast: Cast, login: InstagramLogin) -> None:
    pks = people(2)
    old, young = staged(cast, login, pks[:1]), staged(cast, login, pks[1:])
    Batch.objects.filter(pk=old.pk).update(created_at=timezone.now() - STAGED_FOR)
    let_expire(timezone.now())
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.state, young.state) == (BatchState.CANCELLED, BatchState.STAGED)
    assert "Nobody confirmed it" in old.note


def test_a_viewer_reads_and_sees_no_button(cast: Cast, login: InstagramLogin) -> None:
    viewer, batch = cast.client(cast.viewer), staged(cast, login, people(2))
    page = text(viewer.get(f"/actions/{batch.pk}/"))
    assert "Follow 2 people" in page
    assert 'name="act"' not in page
    assert "/confirm/" not in page
    for path in ("choose", "confirm", "act", "undo"):
        assert viewer.post(f"/actions/{batch.pk}/{path}/", {"count": "2", "act": "cancel"}).status_code == 403
    assert viewer.post("/actions/stage/", {"names": "1", "login": login.pk, "kind": "follow"}).status_code == 403


def test_lists_cost_the_same_however_long_they_are(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    pks = people(40)
    first = staged(cast, login, pks[:2])
    editor.get("/actions/")  # what a first request of a process asks is not counted
    editor.get(f"/actions/{first.pk}/")
    with CaptureQueriesContext(
        connection,
    ) as few_list:
        editor.get("/actions/")
    with CaptureQueriesContext(connection) as few:
        editor.get(f"/actions/{first.pk}/")
    many = staged(cast, login, pks[2:])
    for number in range(5):
        staged(cast, login, [10**15 + number])
    editor.get(f"/actions/{many.pk}/")
    with CaptureQueriesContext(connection) as more_list:
        editor.get("/actions/")
    with CaptureQueriesContext(connection) as more:
        editor.get(f"/actions/{many.pk}/")
    assert len(more_list) == len(few_list)
    assert len(more) == len(few)


def test_pages_read_on_and_are_narrowed_down(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    batch = staged(cast, login, [*people(60), 10**15])
    first = editor.get(f"/actions/{batch.pk}/")
    onward = first.context["page"].next
    rest = editor.get(
        f"/actions/{batch.pk}/", {"cursor": onward}, headers={"HX-Request": "true", "HX-Target": "more-rows"}
    )
    assert text(rest).count('name="ids"') == 11
    out = text(editor.get(f"/actions/{batch.pk}/?show=excluded"))
    assert out.count('name="ids"') == 1
    assert "Not known here" in out
