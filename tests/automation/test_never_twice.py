"""Whatever dies between T1, T2, sending and T3: the simulator's log shows no person hit twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import InstagramLogin
from automation import attempts, batches, execution, job_kinds, judging, write_budgets
from automation.models import ActionKind, Attempt, AttemptState, Batch, BatchState, Item, ItemState
from igsite.jobs.leases import LEASE
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_step
from tests.automation.actor import Actor, states


class Killed(BaseException):
    """The worker is gone: nothing after this line happens, as under SIGKILL."""


def dies(before: Callable[..., Any] | None, after: bool) -> Callable[..., Any]:
    """The function, killed once before or after its work."""
    left = [1]

    def call(*args: Any, **more: Any) -> Any:
        is_now = bool(left.pop()) if left else False
        if is_now and not after:
            raise Killed
        result = before(*args, **more) if before else None
        if is_now:
            raise Killed
        return result

    return call


POINTS = {
    "before T1": (attempts, "reserve", False),
    "between T1 and T2": (attempts, "mark_sent", False),
    "between T2 and the send": (execution, "send", False),
    "between the send and T3": (execution, "send", True),
    "in the place of T3": (attempts, "answered", False),
    "after T3": (attempts, "answered", True),
    "before the reading is written": (attempts, "settle", False),
}


def run_until_killed(job: Job, clock: ManualClock) -> None:
    for _turn in range(50):
        job.refresh_from_db()
        clock.move_to(job.due_at)
        try:
            run_step(job.pk, clock=clock, turn=0.0)
        except Killed:
            return
    raise AssertionError("nobody was killed")


def lease_runs_out(job: Job, clock: ManualClock) -> None:
    """As the sweep does when a worker's lease is over."""
    clock.move(LEASE + timedelta(seconds=1))
    Job.objects.filter(pk=job.pk).update(lease_token=None, lease_until=None, lease_owner="", state="queued")
    Job.objects.filter(pk=job.pk).update(due_at=clock())


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_anywhere_hits_nobody_twice(
    actor: Actor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    pks = actor.strangers(2)
    batch, job = actor.confirm(pks)
    module, name, after = POINTS[point]
    monkeypatch.setattr(module, name, dies(getattr(module, name), after))
    run_until_killed(job, clock)
    lease_runs_out(job, clock)
    actor.work(batch, job)
    assert batch.state == BatchState.DONE
    assert not Attempt.objects.filter(state__in=attempts.OPEN).exists()
    hits = actor.hits()
    assert max(hits.values()) == 1
    if point == "between T2 and the send":  # it cannot be known that nothing was sent: parked, not sent
        assert states(batch) == ["unknown", "done"]
        assert set(hits) == {pks[1]}
    else:
        assert states(batch) == ["done", "done"]
        assert set(hits) == set(pks)


def test_a_batch_that_is_cancelled_over_a_dead_worker_is_read_all_the_same(
    actor: Actor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pks = actor.strangers(2)
    batch, job = actor.confirm(pks)
    monkeypatch.setattr(attempts, "answered", dies(None, after=False))
    run_until_killed(job, clock)
    lease_runs_out(job, clock)
    batches.cancel(batch=batch, by=actor.instagram.person, now=clock())
    assert states(batch) == ["answered", "cancelled"]
    clock.move(write_budgets.LATE)
    job_kinds.look_after_what_is_left(clock())
    actor.work(batch, Job.objects.open().get(kind="actions.reconcile"))
    assert (batch.state, states(batch)) == (BatchState.CANCELLED, ["done", "cancelled"])
    assert actor.hits() == {pks[0]: 1}


def test_an_answer_that_is_lost_is_read_and_not_repeated(actor: Actor) -> None:
    pks = actor.strangers(1)
    batch, job = actor.confirm(pks)
    actor.instagram.fault(path="friendships/create", kind="reset_after")
    actor.work(batch, job)
    assert states(batch) == ["done"]
    assert Attempt.objects.get().state == AttemptState.UNKNOWN
    assert actor.hits() == {pks[0]: 1}


def test_a_request_that_was_lost_on_its_way_is_parked_for_a_person(actor: Actor) -> None:
    pks = actor.strangers(1)
    batch, job = actor.confirm(pks)
    actor.instagram.fault(path="friendships/create", kind="reset")
    actor.work(batch, job)
    assert states(batch) == ["unknown"]
    assert actor.hits() == {pks[0]: 1}


@pytest.mark.parametrize("state", [BatchState.PAUSED, BatchState.FROZEN])
def test_what_a_person_wants_looked_at_is_read_though_its_batch_rests(
    actor: Actor, clock: ManualClock, state: BatchState
) -> None:
    pks = actor.strangers(1)
    batch, job = actor.confirm(pks)
    actor.instagram.fault(path="friendships/create", kind="reset_after")
    actor.work(batch, job)
    Item.objects.filter(batch=batch).update(state=ItemState.UNKNOWN)
    Batch.objects.filter(pk=batch.pk).update(state=state, ended_at=None)
    judging.look_again(item=Item.objects.get(batch=batch), by=None, now=clock())
    job_kinds.look_after_what_is_left(clock())
    actor.work(batch, Job.objects.open().get(kind="actions.reconcile"))
    assert states(batch) == ["done"]
    assert actor.hits() == {pks[0]: 1}


def test_who_is_followed_already_is_looked_at_and_not_hit(actor: Actor) -> None:
    pks = actor.known(actor.truth("demo_creator", "following")[:1])
    batch, job = actor.confirm(pks)
    actor.work(batch, job)
    assert states(batch) == ["already"]
    assert not actor.posts()


def test_a_worker_that_was_held_up_after_t2_sends_nothing(
    actor: Actor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, job = actor.confirm(actor.strangers(1))
    mark = attempts.mark_sent

    def held_up(attempt: Attempt, **more: Any) -> bool:
        moved = mark(attempt, **more)
        clock.move(write_budgets.SEND_WITHIN + timedelta(seconds=1))
        return moved

    monkeypatch.setattr(attempts, "mark_sent", held_up)
    actor.work(batch, job)
    assert states(batch) == ["failed"]
    assert not actor.posts()


def running(actor: Actor, count: int) -> list[Item]:
    """Items of a batch that runs, without its job."""
    batch, _job = actor.confirm(actor.strangers(count))
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
    return list(Item.objects.filter(batch=batch).order_by("position"))


def in_threads(calls: list[Callable[[], Any]]) -> list[Any]:
    """All at once; their answers."""
    start, found = threading.Barrier(len(calls)), list[Any]()

    def one(call: Callable[[], Any]) -> None:
        try:
            start.wait()
            found.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_workers_that_reserve_at_once_one_may_write(actor: Actor, clock: ManualClock) -> None:
    items = running(actor, 4)
    now = clock()
    answers = in_threads([partial(attempts.reserve, item.pk, now=now) for item in items * 2])
    reserved = [answer for answer in answers if isinstance(answer, Attempt)]
    assert len(answers) == 8
    assert len(reserved) == 1
    moved = in_threads([lambda: attempts.mark_sent(reserved[0], now=now)] * 4)
    assert sorted(moved) == [False, False, False, True]


def test_an_intent_that_was_reaped_can_never_be_sent(actor: Actor, clock: ManualClock) -> None:
    item = running(actor, 1)[0]
    attempt = attempts.reserve(item.pk, now=clock())
    assert isinstance(attempt, Attempt)
    clock.move(write_budgets.INTENT_LIVES)
    assert not attempts.mark_sent(attempt, now=clock())
    assert attempts.reap(actor.login.pk, now=clock()) == 1
    assert not attempts.mark_sent(attempt, now=clock() - write_budgets.INTENT_LIVES)
    assert Attempt.objects.get().state == AttemptState.VOID


def test_the_database_refuses_a_second_attempt(actor: Actor, clock: ManualClock, login: InstagramLogin) -> None:
    items = running(actor, 2)
    now = clock()

    def attempt(item: Item, **values: Any) -> Attempt:
        with transaction.atomic():
            return Attempt.objects.create(
                workspace_id=login.workspace_id, login=login, item=item, kind=ActionKind.FOLLOW, reserved_at=now,
                lease_until=now, **values,
            )  # fmt: skip

    attempt(items[0], state=AttemptState.DONE, sent_at=now, ended_at=now)
    with pytest.raises(IntegrityError, match="attempt_sent_once"):
        attempt(items[0], state=AttemptState.FAILED, sent_at=now, ended_at=now)
    attempt(items[0])
    with pytest.raises(IntegrityError, match=r"attempt_open_once|attempt_one_write_a_login"):
        attempt(items[0])
    with pytest.raises(IntegrityError, match="attempt_one_write_a_login"):
        attempt(items[1])
    with pytest.raises(IntegrityError, match="attempt_sent_has_a_time"):
        attempt(items[1], state=AttemptState.DONE, ended_at=now)
    with pytest.raises(IntegrityError, match="attempt_sent_has_a_time"):
        attempt(items[1], state=AttemptState.VOID, sent_at=now, ended_at=now)


def test_nobody_is_sent_in_a_batch_that_was_paused_meanwhile(actor: Actor, clock: ManualClock) -> None:
    item = running(actor, 1)[0]
    batches.pause(batch=item.batch, by=actor.instagram.person, now=clock())
    assert isinstance(attempts.reserve(item.pk, now=clock()), attempts.NotWanted)
    item.refresh_from_db()
    assert item.state == ItemState.WAITING
