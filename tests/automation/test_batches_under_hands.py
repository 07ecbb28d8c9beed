"""Batches that several hands are at: double clicks, two tabs, edits while confirming, logins that go, long lists."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import logins
from accounts.models import Profile
from automation import attempts, batches, comment_texts, job_kinds, reviewing, staging, write_budgets
from automation.models import ActionKind, Attempt, BatchState, Exclusion, Item, ItemState, Safelist, SafelistEntry
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_step
from igsite.problems import Problem
from tests.automation.actor import Actor, states
from tests.automation.test_never_twice import in_threads, running


def confirmed(actor: Actor, batch: Any, **more: Any) -> Job | Problem:
    try:
        return batches.confirm(batch=batch, by=None, now=actor.instagram.clock(), **more)
    except Problem as refused:
        return refused


def test_of_clicks_at_once_one_confirms_and_one_job_begins(actor: Actor) -> None:
    batch = actor.stage(actor.known([10**9, 10**9 + 1]))
    answers = in_threads([partial(confirmed, actor, type(batch).objects.get(pk=batch.pk)) for _click in range(6)])
    assert [type(one) for one in answers].count(Job) == 1
    assert Job.objects.filter(kind=batches.RUN).count() == 1
    assert len([one for one in answers if isinstance(one, batches.BatchConflict)]) == 5


def test_who_was_exchanged_in_another_tab_is_not_confirmed_unread(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage(actor.known([10**9, 10**9 + 1]))
    one, other = Item.objects.filter(batch=batch).order_by("position")
    order: dict[str, Any] = {"batch": batch, "by": None, "now": clock()}
    reviewing.leave_out(items=[other.pk], **order)
    read = batches.fingerprint(batch)
    reviewing.take_in(items=[other.pk], **order)
    reviewing.leave_out(items=[one.pk], **order)  # as many as were read, and somebody else
    with pytest.raises(batches.BatchConflict, match="changed meanwhile"):
        batches.confirm(**order, seen=read)
    assert isinstance(confirmed(actor, batch, seen=batches.fingerprint(batch)), Job)


def test_a_comment_that_was_rewritten_in_another_tab_is_not_confirmed_unread(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage([10**15], ActionKind.COMMENT, texts={10**15: "Lovely"})
    read = batches.fingerprint(batch)
    comment_texts.rewrite(item=Item.objects.get(batch=batch), text="Awful", by=None, now=clock())
    assert isinstance(confirmed(actor, batch, seen=read), batches.BatchConflict)
    assert not Job.objects.filter(kind=batches.RUN).exists()


def test_edits_and_a_confirmation_at_once_take_turns(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage(actor.known([10**9 + n for n in range(6)]))
    item = Item.objects.filter(batch=batch).order_by("position")[0]
    read = batches.fingerprint(batch)

    def leave() -> Any:
        try:
            return reviewing.leave_out(batch=batch, items=[item.pk], by=None, now=clock())
        except Problem as refused:
            return refused

    answers = in_threads([leave, partial(confirmed, actor, type(batch).objects.get(pk=batch.pk), seen=read)])
    assert len([one for one in answers if isinstance(one, batches.BatchConflict)]) == 1


def test_who_becomes_safe_between_two_people_is_left_alone(actor: Actor, clock: ManualClock) -> None:
    first, second = running(actor, 2)
    assert isinstance(attempts.reserve(first.pk, now=clock()), Attempt)
    SafelistEntry.objects.create(
        workspace=actor.instagram.workspace, safelist=Safelist.DO_NOT_FOLLOW, target_pk=second.target_pk,
        added_at=clock(),
    )  # fmt: skip
    clock.move(write_budgets.LATE)
    attempts.reap(actor.login.pk, now=clock())
    assert isinstance(attempts.reserve(second.pk, now=clock()), attempts.NotWanted)
    second.refresh_from_db()
    assert second.exclusion == Exclusion.SAFELIST


def test_a_login_that_is_removed_in_mid_batch_sends_nothing_more_and_leaves_nothing_open(
    actor: Actor, clock: ManualClock
) -> None:
    batch, job = actor.confirm(actor.strangers(2))
    run_step(job.pk, clock=clock, turn=0.0)
    assert states(batch) == ["answered", "waiting"]
    logins.remove(login=actor.login, by=actor.instagram.person, now=clock())
    actor.work(batch, job)
    clock.move(timedelta(minutes=5))
    job_kinds.look_after_what_is_left(clock())
    assert (batch.state, states(batch)) == (BatchState.CANCELLED, ["unknown", "cancelled"])
    assert len(actor.posts()) == 1
    assert not Attempt.objects.filter(state__in=attempts.OPEN).exists()


def test_a_batch_whose_login_was_removed_is_not_confirmed(actor: Actor, clock: ManualClock) -> None:
    batch = actor.stage(actor.known([10**9]))
    logins.remove(login=actor.login, by=None, now=clock())
    refused = confirmed(actor, batch)
    assert isinstance(refused, batches.BatchConflict)
    assert "was removed" in str(refused)


def test_a_new_name_changes_nobody(actor: Actor) -> None:
    pk = actor.strangers(1)[0]
    batch, job = actor.confirm([pk])
    Profile.objects.filter(pk=pk).update(username="renamed.meanwhile")
    actor.work(batch, job)
    assert (states(batch), actor.hits()) == (["done"], {pk: 1})


def test_an_unfollow_from_an_old_list_looks_first(actor: Actor) -> None:
    strangers = actor.strangers(2)  # a list of long ago says that they are followed
    batch, job = actor.confirm(strangers, ActionKind.UNFOLLOW)
    actor.work(batch, job)
    assert (states(batch), actor.posts()) == (["already", "already"], [])


def test_ten_thousand_people_are_one_batch_of_which_five_hundred_at_most_are_taken(actor: Actor) -> None:
    pks = actor.known([10**9 + n for n in range(staging.MOST_NAMED)])
    with CaptureQueriesContext(connection) as asked:
        batch = actor.stage(pks)
    assert len(asked) < 40
    found = Item.objects.filter(batch=batch)
    assert found.count() == staging.MOST_NAMED
    assert found.filter(state=ItemState.WAITING).count() <= staging.CAP
    with CaptureQueriesContext(connection) as asked:
        taken = reviewing.take_in(batch=batch, items=None, by=None, now=actor.instagram.clock())
    assert len(asked) < 60
    assert taken.count + found.filter(state=ItemState.EXCLUDED).count() <= staging.MOST_NAMED
    assert found.filter(state=ItemState.WAITING).count() <= staging.CAP


@pytest.mark.parametrize("pks", [[], [0], [-5], [1 << 63], list(range(1, staging.MOST_NAMED + 2))])
def test_nobody_too_many_and_no_numbers_make_no_batch(actor: Actor, pks: list[int]) -> None:
    with pytest.raises(staging.NotStageable):
        actor.stage(pks)
