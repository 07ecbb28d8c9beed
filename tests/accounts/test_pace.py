"""Budgets hold in every sliding window, whatever the clock, the worker and the settings do."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import connect, logins, pace
from accounts.models import InstagramLogin, LoginStatus, SourceCall, Workspace
from accounts.usage import Ledger, usage_of
from igsite.jobs.kinds import Again
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, tzinfo=UTC)


def make_login(workspace: Workspace, name: str = "reader", **more: object) -> InstagramLogin:
    values = {"status": LoginStatus.READY, "ready_since": START - timedelta(days=30)} | more
    return InstagramLogin.objects.create(workspace=workspace, username=name, **values)


def reserve(login: InstagramLogin, now: datetime) -> pace.Reserved | pace.NotBefore | pace.NotReading:
    return pace.reserve_read(login.pk, "users/*/info", now=now, source="test")


def most_in_any_window(sent: list[datetime], window: timedelta) -> int:
    """Brute force: the fullest window of this length that begins at a request."""
    return max((sum(first <= one < first + window for one in sent) for first in sent), default=0)


#: How much later the worker asks again, in seconds (a negative step is a clock that was set back), and how late the
#: reserved request leaves then.
STEPS = st.lists(
    st.tuples(st.one_of(st.integers(0, 30), st.integers(0, 4_000), st.integers(-600, -1)), st.integers(0, 59)),
    min_size=1, max_size=60,
)  # fmt: skip


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS, per_hour=st.integers(1, 6), per_day=st.integers(1, 15), obedient=st.booleans())
def test_no_sliding_window_is_ever_over_its_limit(
    workspace: Workspace, settings: Settings, steps: list[tuple[int, int]], per_hour: int, per_day: int, obedient: bool
) -> None:
    settings.PACE_SCALE = 1
    InstagramLogin.objects.filter(workspace=workspace).delete()
    login = make_login(workspace, reads_per_hour=per_hour, reads_per_day=per_day)
    now, sent = START, []
    for later, delay in steps:
        now += timedelta(seconds=later)
        answer = reserve(login, now)
        if isinstance(answer, pace.NotBefore):
            assert answer.at > now
            if not obedient:
                continue
            now = answer.at
            answer = reserve(login, now)
        if isinstance(answer, pace.Reserved):
            sent.append(now + timedelta(seconds=delay))
    assert most_in_any_window(sent, pace.HOUR) <= per_hour
    assert most_in_any_window(sent, pace.DAY) <= per_day
    assert SourceCall.objects.filter(login=login).count() == len(sent)


def test_a_wait_that_is_kept_ends_in_a_reservation(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace, reads_per_hour=3, reads_per_day=8)
    now = START
    times: list[datetime] = []
    while len(times) < 12:
        answer = reserve(login, now)
        if isinstance(answer, pace.NotBefore):
            now = answer.at
        else:
            times.append(now)
    gaps = [(late - early).total_seconds() for early, late in pairwise(times)]
    assert min(gaps) >= pace.PAUSE_MINIMUM
    assert times[3] - times[0] > pace.HOUR
    assert times[8] - times[0] > pace.DAY


def test_a_pause_is_drawn_between_two_and_five_seconds(settings: Settings) -> None:
    settings.PACE_SCALE = 1
    pauses = [pace.pause().total_seconds() for _ in range(300)]
    assert 2 <= min(pauses) < 2.5
    assert 4.5 < max(pauses) <= 5


def test_a_lower_budget_holds_at_once(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace, reads_per_hour=10)
    for minute in range(5):
        assert isinstance(reserve(login, START + timedelta(minutes=minute)), pace.Reserved)
    logins.set_pace(login=login, reads_per_hour=2, reads_per_day=100, by=None, now=START)
    answer = reserve(login, START + timedelta(minutes=30))
    assert isinstance(answer, pace.NotBefore)
    assert answer.at == START + timedelta(minutes=3) + pace.HOUR + pace.SLACK


@pytest.mark.parametrize(("days", "part"), [(0, 0.2), (7, 0.6), (13, 0.942857), (14, 1), (400, 1)])
def test_a_new_login_warms_up(days: int, part: float) -> None:
    assert pace.warmth(START, START + timedelta(days=days)) == pytest.approx(part)


def test_a_login_that_was_never_ready_has_a_first_day(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace, ready_since=None)
    assert pace.budget_of(login, START) == pace.Budget(20, 200)


def test_scale_shortens_pauses_and_widens_budgets(workspace: Workspace, settings: Settings) -> None:
    login = make_login(workspace)
    settings.PACE_SCALE = 0.05
    assert pace.budget_of(login, START) == pace.Budget(2_000, 20_000)
    assert pace.pause() <= timedelta(seconds=0.25)
    settings.PACE_SCALE = 0
    assert pace.budget_of(login, START) == pace.Budget(None, None)
    assert pace.pause() == timedelta(0)


@pytest.mark.parametrize("per_hour", [0, 201])
def test_the_ceiling_holds_in_the_database_too(workspace: Workspace, per_hour: int) -> None:
    login = make_login(workspace)
    with pytest.raises(logins.LoginInvalid):
        logins.set_pace(login=login, reads_per_hour=per_hour, reads_per_day=100, by=None, now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        InstagramLogin.objects.filter(pk=login.pk).update(reads_per_hour=per_hour)


@pytest.mark.parametrize(
    "status", [status for status in LoginStatus if status not in {*pace.READING, LoginStatus.CONNECTING}]
)
def test_a_login_that_needs_a_person_reads_nothing(workspace: Workspace, status: LoginStatus) -> None:
    login = make_login(workspace, status=status)
    assert reserve(login, START) == pace.NotReading(status)
    assert not SourceCall.objects.exists()


def test_usage_counts_what_is_in_the_windows(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace)
    for hours, kind, outcome in (
        (0.5, "read", "200"), (0.6, "read", "throttled"), (5, "read", ""), (30, "read", "200"), (1, "login", "200"),
    ):  # fmt: skip
        SourceCall.objects.create(
            workspace=workspace, login=login, source="test", kind=kind, endpoint="x", outcome=outcome,
            at=START - timedelta(hours=hours),
        )  # fmt: skip
    usage = usage_of(login, START)
    assert (usage.reads_last_hour, usage.reads_last_day, usage.logins_last_day) == (2, 3, 1)
    assert usage.refused_last_day == 1
    assert (usage.left_this_hour, usage.left_today) == (98, 997)


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_one_budget(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace, reads_per_hour=5)
    got: list[datetime] = []

    def work(number: int) -> None:
        try:
            for minute in range(12):
                now = START + timedelta(minutes=minute, seconds=number * 7)
                if isinstance(reserve(login, now), pace.Reserved):
                    got.append(now)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(got) == 5
    assert SourceCall.objects.filter(login=login).count() == 5


@pytest.mark.django_db(transaction=True)
def test_a_reservation_within_a_transaction_is_refused(workspace: Workspace) -> None:
    login = make_login(workspace)
    with transaction.atomic(), pytest.raises(RuntimeError):
        reserve(login, START)


def unpaced(workspace: Workspace, settings: Settings) -> tuple[InstagramLogin, Ledger]:
    """A login without pauses and budgets, and a ledger that has reserved its first read."""
    settings.PACE_SCALE = 0
    login = make_login(workspace)
    ledger = Ledger(login_id=login.pk, workspace_id=workspace.pk, source="test", clock=lambda: START)
    assert ledger.reserve("users/*/info", now=START) is None
    ledger.record(kind="read", endpoint="users/*/info", outcome="200")
    return login, ledger


@pytest.mark.django_db(transaction=True)
def test_without_pauses_a_further_read_is_reserved_by_one_statement(workspace: Workspace, settings: Settings) -> None:
    login, ledger = unpaced(workspace, settings)
    with CaptureQueriesContext(connection) as queries:
        assert ledger.reserve("friendships/*/followers", now=START + timedelta(seconds=1)) is None
    assert len(queries) == 1
    ledger.record(kind="read", endpoint="friendships/*/followers", outcome="throttled")
    ledger.settle()
    calls = SourceCall.objects.order_by("pk").values_list("login", "workspace", "source", "kind", "endpoint", "outcome")
    assert list(calls) == [
        (login.pk, workspace.pk, "test", "read", "users/*/info", "200"),
        (login.pk, workspace.pk, "test", "read", "friendships/*/followers", "throttled"),
    ]


@pytest.mark.django_db(transaction=True)
def test_good_answers_are_written_together_and_a_refusal_with_the_next_read(
    workspace: Workspace, settings: Settings
) -> None:
    _login, ledger = unpaced(workspace, settings)

    def read(outcome: str) -> list[str]:
        assert ledger.reserve("users/*/info", now=START) is None
        ledger.record(kind="read", endpoint="users/*/info", outcome=outcome)
        return list(SourceCall.objects.order_by("pk").values_list("outcome", flat=True))

    assert read("200") == ["", ""]
    assert read("429") == ["", "", ""]
    assert read("200") == ["200", "200", "429", ""]
    for _read in range(30):
        told = read("200")
    assert told.count("") < 25
    ledger.settle()
    outcomes = list(SourceCall.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["200", "200", "429"] + ["200"] * 31


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"status": LoginStatus.REMOVED}, pace.NotReading(LoginStatus.REMOVED)),
        ({"reads_resume_at": START + timedelta(hours=2)}, START + timedelta(hours=2)),
        ({"status_note": "touched"}, None),
    ],
)
def test_what_happened_to_the_login_since_its_last_read_counts(
    workspace: Workspace, settings: Settings, change: dict[str, object], answer: object
) -> None:
    login, ledger = unpaced(workspace, settings)
    InstagramLogin.objects.filter(pk=login.pk).update(**change)
    refusal = ledger.reserve("users/*/info", now=START)
    assert (refusal.at if isinstance(refusal, pace.NotBefore) else refusal) == answer
    assert SourceCall.objects.count() == (2 if answer is None else 1)
    assert SourceCall.objects.order_by("pk")[0].outcome == "200"


@pytest.mark.django_db(transaction=True)
def test_a_change_under_way_is_waited_for(workspace: Workspace, settings: Settings) -> None:
    login, ledger = unpaced(workspace, settings)
    answers: list[object] = []

    def work() -> None:
        try:
            answers.append(ledger.reserve("users/*/info", now=START))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    with transaction.atomic():
        InstagramLogin.objects.filter(pk=login.pk).update(status=LoginStatus.NEEDS_LOGIN)
        worker.start()
        worker.join(0.3)
        assert worker.is_alive()
    worker.join()
    assert answers == [pace.NotReading(LoginStatus.NEEDS_LOGIN)]
    assert SourceCall.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_short_way_is_not_taken_within_a_transaction(workspace: Workspace, settings: Settings) -> None:
    _login, ledger = unpaced(workspace, settings)
    with transaction.atomic(), pytest.raises(RuntimeError):
        ledger.reserve("users/*/info", now=START)


@pytest.mark.django_db(transaction=True)
def test_a_pace_set_meanwhile_has_every_read_judged(workspace: Workspace, settings: Settings) -> None:
    login, ledger = unpaced(workspace, settings)
    settings.PACE_SCALE = 1
    InstagramLogin.objects.filter(pk=login.pk).update(reads_per_hour=1)
    login.refresh_from_db()
    assert isinstance(ledger.reserve("users/*/info", now=START), pace.NotBefore)


def test_the_pause_counts_from_the_answer(workspace: Workspace, settings: Settings) -> None:
    settings.PACE_SCALE = 1
    login = make_login(workspace)
    answered = START + timedelta(seconds=25)
    ledger = Ledger(login_id=login.pk, workspace_id=workspace.pk, source="test", clock=lambda: answered)
    assert ledger.reserve("users/*/info", now=START) is None
    ledger.record(kind="read", endpoint="users/*/info", outcome="200")
    ledger.settle()
    login.refresh_from_db()
    assert login.next_read_at is not None
    assert login.next_read_at >= answered + timedelta(seconds=2)
    assert SourceCall.objects.get().outcome == "200"


def test_a_second_read_in_the_pause_is_not_sent(instagram: Instagram, settings: Settings) -> None:
    login = instagram.ready()
    settings.PACE_SCALE = 1
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        gateway.probe_session()
        with pytest.raises(connect.MustWait) as wait:
            gateway.probe_session()
    assert len(instagram.log("current_user")) == 1
    assert isinstance(wait.value.outcome(instagram.clock()), Again)
    instagram.clock.move_to(login.next_read_at or wait.value.until)
    instagram.clock.move(timedelta(seconds=6))
    with connect.gateway_for(login, clock=instagram.clock) as gateway:
        gateway.probe_session()
    assert len(instagram.log("current_user")) == 2
