"""Batches that start at a chosen time, and those that undo another."""

from __future__ import annotations

from datetime import timedelta

from automation import batches, staging
from automation.models import ActionKind, Exclusion, Item
from automation.safety import FOLLOWED_FOR
from igsite.jobs.runner import ManualClock
from tests.automation.actor import Actor, states


def test_nothing_is_sent_before_the_chosen_time(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage(actor.strangers(1))
    start = clock() + timedelta(hours=30)
    job = batches.confirm(batch=batch, by=actor.instagram.person, now=clock(), starts_at=start)
    batches.pause(batch=batch, by=None, now=clock())
    batches.resume(batch=batch, by=None, now=clock())
    actor.work(batch, job)
    assert states(batch) == ["done"]
    assert clock() >= start


def test_an_undoing_batch_that_starts_late_enough_takes_its_follows_back(actor: Actor, clock: ManualClock) -> None:
    pks = actor.strangers(1)
    first, job = actor.confirm(pks)
    actor.work(first, job)
    workspace, person, kind = actor.instagram.workspace, actor.instagram.person, ActionKind.UNFOLLOW
    early = staging.stage(
        workspace=workspace, login=actor.login, kind=kind, pks=pks, by=person, now=clock(), undoes=first
    )  # fmt: skip
    assert Item.objects.get(batch=early).exclusion == Exclusion.RECENTLY
    late = staging.stage(
        workspace=workspace, login=actor.login, kind=kind, pks=pks, by=person, now=clock(), undoes=first,
        starts_at=clock() + FOLLOWED_FOR,
    )  # fmt: skip
    actor.work(late, batches.confirm(batch=late, by=person, now=clock()))
    assert states(late) == ["done"]
    assert [entry["write"]["kind"] for entry in actor.posts()] == ["follow", "unfollow"]
