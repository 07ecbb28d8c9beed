"""Who goes into a batch: looked up on Instagram when that was asked for, or taken from a list of the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Profile
from automation import lookups, naming, picking
from automation.models import ActionKind, Batch, Item
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from scans.models import ChangeKind, Direction, ListScan
from scans.people_choice import PeopleList, PeopleSort, Standing, Trait
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor
from tests.scans.scanner import BOTH, Scanner

EVERYBODY = {"search": "", "standing": Standing.ALL, "traits": frozenset[Trait]()}


def test_who_is_looked_up_is_staged_and_who_does_not_exist_is_named(actor: Actor, clock: ManualClock) -> None:
    before = actor.known(actor.truth("demo_creator")[:1])
    number = actor.truth("demo_creator")[1]
    job = lookups.order(
        workspace=actor.instagram.workspace, login=actor.login, kind=ActionKind.REMOVE, known=before,
        unknown=naming.read_text(f"@gap.gallery @no.body.of.this.name {number}").people, reason="Chosen",
        by=actor.instagram.person, now=clock(),
    )  # fmt: skip
    work_off(job, clock)
    assert (job.state, job.done_units) == ("done", 3)
    batch = Batch.objects.get(pk=job.result["batch"])
    gallery = Profile.objects.get(username="gap.gallery").pk
    named = Item.objects.filter(batch=batch).order_by("position").values_list("target_pk", flat=True)
    assert list(named) == [*before, gallery, number]
    assert job.result["missing"] == ["@no.body.of.this.name"]
    assert batch.created_by == actor.instagram.person


def test_when_nobody_is_found_there_is_no_batch(actor: Actor, clock: ManualClock) -> None:
    job = lookups.order(
        workspace=actor.instagram.workspace, login=actor.login, kind=ActionKind.FOLLOW, known=[],
        unknown=naming.read_text("@no.body.of.this.name").people, reason="", by=None, now=clock(),
    )  # fmt: skip
    work_off(job, clock)
    assert (job.state, job.error_code) == ("failed", "nobody_found")
    assert not Batch.objects.exists()


def test_more_than_may_be_looked_up_are_refused(actor: Actor, clock: ManualClock) -> None:
    many = naming.read_text(" ".join(f"@n{number}" for number in range(lookups.MOST + 1))).people
    with pytest.raises(lookups.TooManyUnknown):
        lookups.order(
            workspace=actor.instagram.workspace, login=actor.login, kind=ActionKind.FOLLOW, known=[], unknown=many,
            reason="", by=None, now=clock(),
        )  # fmt: skip
    assert not Job.objects.filter(kind=lookups.LOOKUP).exists()


def test_people_are_taken_from_a_list_and_losses_only_when_confirmed(actor: Actor, clock: ManualClock) -> None:
    scanner = Scanner(actor.instagram, actor.login)
    account = scanner.track("tiny.pottery")
    scanner.scan(account, BOTH)
    assert set(picked(account, PeopleList.FOLLOWERS)) == set(actor.truth("tiny.pottery"))
    back = set(actor.truth("tiny.pottery", "following")) - set(actor.truth("tiny.pottery"))
    assert set(picked(account, PeopleList.DONT_FOLLOW_BACK)) == back
    actor.instagram.simulator.control("clock", {"advance_days": 7})
    clock.move(timedelta(days=7))
    scanner.scan(account, BOTH)
    new = picking.from_changes(account, Direction.FOLLOWERS, ChangeKind.NEW, 1, 2)
    lost = picking.from_changes(account, Direction.FOLLOWERS, ChangeKind.LOST, 1, 2)
    assert new.pks
    assert lost.pks == []  # one scan missed them: that is no proof
    browser = Client()
    browser.force_login(actor.instagram.person, backend="django.contrib.auth.backends.ModelBackend")
    source: dict[str, Any] = {"account": str(account.pk), "list": "followers", "change": "new", "since": 1, "until": 2}
    assert f"{len(new.pks)} people are taken." in browser.get("/actions/new/", source).content.decode()
    browser.post("/actions/stage/", {**source, "kind": "follow", "login": actor.login.pk})
    batch = Batch.objects.get()
    named = Item.objects.filter(batch=batch).order_by("position").values_list("target_pk", flat=True)
    assert list(named) == new.pks
    ListScan.objects.update(state="partial")
    with pytest.raises(picking.NotPickable, match="not complete"):
        picked(account, PeopleList.DONT_FOLLOW_BACK)


def picked(account: object, which: PeopleList) -> list[int]:
    return picking.from_people(account, which, PeopleSort.NAME, dict(EVERYBODY)).pks  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "people", "odd"),
    [
        ("@Anna, bob;12345\n@99", ["@anna", "@bob", "12345", "@99"], []),
        ("https://www.instagram.com/anna/?hl=de anna", ["@anna"], []),
        ("https://www.instagram.com/p/CxYQJO8xuC6/ a..b", [], ["https://www.instagram.com/p/CxYQJO8xuC6/", "a..b"]),
        ("username,note\nanna,hello\n'@bob,\n123,x", ["@anna", "@bob", "@123"], []),
        ("pk;username\n55;anna\n;bob", ["55", "@bob"], []),
        ("99999999999999999999 \x00", [], []),
        ("", [], []),
    ],
)
def test_what_people_paste_is_read(text: str, people: list[str], odd: list[str]) -> None:
    reading = naming.read_text(text)
    if "9999" in text:
        assert all(one.pk is None for one in reading.people)
        return
    assert ([one.text for one in reading.people], reading.odd) == (people, odd)
