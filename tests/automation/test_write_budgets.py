"""How fast a login acts: in any window of the simulator's log, over all batches, whatever a row or a request says."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import pace
from accounts.models import InstagramLogin, LoginStatus
from automation import attempts, write_budgets
from automation.models import Attempt, AttemptState, Batch, BatchState, Item, WritePace
from igsite.jobs.runner import ManualClock
from tests.automation.actor import Actor, states

EVER_SINCE = timedelta(days=400)


@pytest.fixture
def paced(settings: Settings, actor: Actor, clock: ManualClock) -> Actor:
    """With pauses and budgets as they are for people, and a login that is long warm."""
    settings.PACE_SCALE = 1
    InstagramLogin.objects.filter(pk=actor.login.pk).update(ready_since=clock() - EVER_SINCE)
    actor.login.refresh_from_db()
    return actor


def most_in(times: list[datetime], window: timedelta) -> int:
    """The most of ``times`` that lie in any window: brute force."""
    return max((sum(start <= other < start + window for other in times) for start in times), default=0)


def sent_at() -> list[datetime]:
    return [at for at in Attempt.objects.order_by("sent_at").values_list("sent_at", flat=True) if at is not None]


def test_no_window_holds_more_than_allowed_over_two_batches(paced: Actor) -> None:
    WritePace.objects.create(login=paced.login, per_hour=3, per_day=5)
    people = paced.strangers(7)
    for pks in (people[:4], people[4:]):
        batch, job = paced.confirm(pks)
        paced.work(batch, job)
        assert batch.state == BatchState.DONE
    times = sent_at()
    assert len(times) == len(paced.posts()) == 7  # every request the simulator saw has its row, and the other way round
    assert most_in(times, pace.HOUR) <= 3
    assert most_in(times, pace.DAY) <= 5
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) >= timedelta(seconds=30)


def test_windows_hold_however_late_each_request_leaves(paced: Actor, clock: ManualClock) -> None:
    WritePace.objects.create(login=paced.login, per_hour=2, per_day=150)
    batch, _job = paced.confirm(paced.strangers(6))
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
    on_the_wire = []
    for number, item in enumerate(Item.objects.filter(batch=batch).order_by("position")):
        while not isinstance(attempt := attempts.reserve(item.pk, now=clock()), Attempt):
            assert isinstance(attempt, pace.NotBefore)
            clock.move_to(attempt.at)
        if number % 2 == 0:  # as late as a request can be; every other one at once
            clock.move(write_budgets.INTENT_LIVES - timedelta(milliseconds=1))
            assert attempts.mark_sent(attempt, now=clock())
            clock.move(write_budgets.SEND_WITHIN)
            on_the_wire.append(clock() + write_budgets.ANSWER_WITHIN - timedelta(seconds=1))
        else:
            assert attempts.mark_sent(attempt, now=clock())
            on_the_wire.append(clock())
        attempts.answered(attempt, AttemptState.DONE, "ok", now=clock())
    assert most_in(on_the_wire, pace.HOUR) <= 2


def test_what_was_never_sent_gives_its_place_back_and_what_may_have_been_does_not(
    paced: Actor, clock: ManualClock
) -> None:
    WritePace.objects.create(login=paced.login, per_hour=1, per_day=150)
    batch, _job = paced.confirm(paced.strangers(2))
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
    first, second = Item.objects.filter(batch=batch).order_by("position")
    assert isinstance(attempts.reserve(first.pk, now=clock()), Attempt)
    clock.move(timedelta(minutes=2))
    attempts.reap(paced.login.pk, now=clock())
    attempt = attempts.reserve(first.pk, now=clock())
    assert isinstance(attempt, Attempt)
    assert attempts.mark_sent(attempt, now=clock())
    clock.move(timedelta(minutes=5))
    attempts.reap(paced.login.pk, now=clock())
    refusal = attempts.reserve(second.pk, now=clock())
    assert isinstance(refusal, pace.NotBefore)
    assert refusal.at == attempt.reserved_at + pace.HOUR + write_budgets.LATE


def test_a_new_login_warms_up(paced: Actor, clock: ManualClock) -> None:
    paced.login.ready_since = clock()
    assert write_budgets.limits(paced.login, WritePace(login=paced.login), clock()) == (2, 12)
    paced.login.ready_since = clock() - timedelta(days=14)
    assert write_budgets.limits(paced.login, WritePace(login=paced.login), clock()) == (10, 60)


@pytest.mark.parametrize(
    "figures", [{"per_hour": 21}, {"per_day": 151}, {"per_hour": 0}, {"gap_min": 29}, {"gap_max": 5}]
)
def test_no_row_goes_above_the_ceilings(actor: Actor, figures: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match="write_pace"), transaction.atomic():
        WritePace.objects.create(login=actor.login, **figures)


@settings(max_examples=50, deadline=None)
@given(hour=st.integers(0, 30_000), day=st.integers(0, 30_000), days=st.integers(0, 100))
def test_no_figures_reach_above_the_ceilings_even_unsaved(hour: int, day: int, days: int) -> None:
    now = datetime.fromisoformat("2026-03-01T12:00:00+00:00")
    login = InstagramLogin(ready_since=now - timedelta(days=days))
    from django.test import override_settings

    with override_settings(PACE_SCALE=1):
        allowed = write_budgets.limits(login, WritePace(login=login, per_hour=hour, per_day=day), now)
    assert allowed is not None
    assert 1 <= allowed[0] <= 20
    assert 1 <= allowed[1] <= 150


def test_nothing_is_sent_outside_the_working_hours(paced: Actor, clock: ManualClock) -> None:
    opens, closes = time(9), time(10)
    InstagramLogin.objects.filter(pk=paced.login.pk).update(opens=opens, closes=closes, time_zone="Europe/Berlin")
    batch, job = paced.confirm(paced.strangers(2))
    paced.work(batch, job)
    paced.login.refresh_from_db()
    hours = pace.hours_of(paced.login)
    assert hours is not None
    assert len(sent_at()) == 2
    assert all(hours.holds(at) for at in sent_at())


def test_the_first_block_freezes_and_only_a_person_lets_it_go_on(actor: Actor, clock: ManualClock) -> None:
    from accounts import logins

    batch, job = actor.confirm(actor.strangers(3))
    actor.instagram.fault(path="friendships/create", kind="feedback_required")
    actor.work(batch, job)
    actor.login.refresh_from_db()
    assert (batch.state, actor.login.status) == (BatchState.FROZEN, LoginStatus.FROZEN)
    assert states(batch) == ["failed", "waiting", "waiting"]
    assert len(actor.posts()) == 1
    other, other_job = actor.confirm(actor.strangers(1, skip=200))
    actor.work(other, other_job)  # another batch of the login is as frozen
    assert len(actor.posts()) == 1
    with pytest.raises(logins.LoginConflict):
        logins.unfreeze(login=actor.login, by=actor.instagram.person, now=clock())
    clock.move(timedelta(hours=25))
    logins.unfreeze(login=actor.login, by=actor.instagram.person, now=clock())
    actor.work(batch, job)
    assert (batch.state, states(batch)) == (BatchState.DONE, ["failed", "done", "done"])
    assert max(actor.hits().values()) == 1


@pytest.mark.parametrize("kind", ["429", "please_wait"])
def test_a_throttle_makes_the_batch_wait_and_hits_nobody_twice(actor: Actor, clock: ManualClock, kind: str) -> None:
    batch, job = actor.confirm(actor.strangers(2))
    before = clock()
    actor.instagram.fault(path="friendships/create", kind=kind)
    actor.work(batch, job)
    assert states(batch) == ["failed", "done"]
    assert max(actor.hits().values()) == 1
    assert clock() - before >= timedelta(minutes=15)


@pytest.mark.parametrize("kind", ["challenge", "login_required"])
def test_a_login_that_needs_a_person_sends_nothing_more(actor: Actor, kind: str) -> None:
    batch, job = actor.confirm(actor.strangers(2))
    actor.instagram.fault(path="friendships/create", kind=kind)
    actor.work(batch, job)
    assert len(actor.posts()) == 1
    assert states(batch) == ["answered", "waiting"]  # neither believed nor repeated
    job.refresh_from_db()
    assert job.state == "blocked"
