"""Paid runs: ordered once whatever dies in between, looked after, read, and what they cost. Judged by what was paid."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts import source_chains, source_gateway, source_keys, source_runs, tracking
from accounts.connect import MustWait, NotReady
from accounts.gateway import errors
from accounts.gateway.protocol import ReadGateway
from accounts.gateway.providers.apify import Apify
from accounts.gateway.runs import RunKind, RunOrder
from accounts.models import KeyStatus, Purpose, RunState, SourceAccess, SourceName, SourceRun, Workspace
from accounts.proxy_ways import Way
from accounts.source_pace import AccessLedger
from igsite.jobs.models import Job, JobState
from igsite.secrets import Secret
from tests.accounts.instagram import Instagram
from tests.accounts.working_off import work_off

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "tiny.pottery"
TASK = source_runs.Task("scan-1", NAME)


class KilledError(BaseException):
    """The worker is gone."""


@pytest.fixture
def workspace(transactional_db: None) -> Workspace:
    return Workspace.objects.create(name="Studio")


@pytest.fixture
def access(instagram: Instagram) -> SourceAccess:
    return source_keys.save(
        workspace=instagram.workspace, source=SourceName.APIFY, key=Secret("apify_api_demo"), by=None,
        now=instagram.clock(),
    )  # fmt: skip


def step(instagram: Instagram, access: SourceAccess, task: source_runs.Task = TASK) -> ReadGateway:
    """What one step of a job does."""
    gateway = Apify(Secret("apify_api_demo"), base_url=f"{instagram.simulator.base_url}/apify")
    try:
        return source_runs.rows_of(access, instagram.workspace, gateway, RunKind.PROFILES, task, now=instagram.clock())
    finally:
        gateway.close()


def until_rows(instagram: Instagram, access: SourceAccess, task: source_runs.Task = TASK) -> ReadGateway:
    """Steps, each at its due time."""
    for _turn in range(100):
        try:
            return step(instagram, access, task)
        except MustWait as wait:
            instagram.clock.move_to(wait.until)
    raise AssertionError("never over")


def paid(instagram: Instagram) -> list[dict[str, Any]]:
    """Every run that was started and paid, as the service knows it."""
    runs: list[dict[str, Any]] = instagram.simulator.control("services")["runs"]
    return runs


def test_a_run_is_ordered_once_looked_after_and_read(instagram: Instagram, access: SourceAccess) -> None:
    with pytest.raises(MustWait, match="collecting"):
        step(instagram, access)
    row = SourceRun.objects.get()
    assert (row.state, row.run_id) == (RunState.STARTED, paid(instagram)[0]["id"])
    until_rows(instagram, access)
    until_rows(instagram, access)
    row.refresh_from_db()
    assert (row.state, len(paid(instagram))) == (RunState.OVER, 1)
    assert row.cost_dollars is not None
    assert row.cost_dollars > Decimal(0)


@pytest.mark.parametrize("death", [KilledError, errors.Transient])
def test_an_order_whose_answer_was_lost_is_found_again_and_never_paid_twice(
    instagram: Instagram, access: SourceAccess, monkeypatch: pytest.MonkeyPatch, death: type[BaseException]
) -> None:
    until_rows(instagram, access, source_runs.Task("earlier", NAME))  # the same order, of somebody else
    real = Apify.start_run

    def lost(gateway: Apify, order: Any) -> Any:
        real(gateway, order)
        raise death

    monkeypatch.setattr(Apify, "start_run", lost)
    with pytest.raises((KilledError, MustWait)):
        step(instagram, access)
    monkeypatch.setattr(Apify, "start_run", real)
    assert SourceRun.objects.get(order__startswith="scan-1").state == RunState.INTENT
    until_rows(instagram, access)
    assert len(paid(instagram)) == 2
    assert {run.run_id for run in SourceRun.objects.all()} == {run["id"] for run in paid(instagram)}


def test_an_order_that_never_left_is_made_after_a_while(
    instagram: Instagram, access: SourceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_gateway: Apify, _order: Any) -> Any:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Apify, "start_run", killed)
        with pytest.raises(KilledError):
            step(instagram, access)
    assert paid(instagram) == []
    began = instagram.clock()
    until_rows(instagram, access)
    assert len(paid(instagram)) == 1
    assert instagram.clock() - began >= source_runs.LISTED_AFTER
    assert sorted(SourceRun.objects.values_list("state", flat=True)) == [RunState.OVER, RunState.VOID]


def test_a_worker_that_dies_while_the_run_works_changes_nothing(instagram: Instagram, access: SourceAccess) -> None:
    instagram.simulator.control("services/runs", {"seconds": 60, "clock": "simulated"})
    for _time in range(4):
        with pytest.raises(MustWait):
            step(instagram, access)
    assert len(paid(instagram)) == 1
    instagram.simulator.control("clock", {"advance_days": 1})
    until_rows(instagram, access)
    assert len(paid(instagram)) == 1


def test_what_nobody_can_tell_is_decided_by_a_person(
    instagram: Instagram, access: SourceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    SourceRun.objects.create(
        workspace=instagram.workspace, access=access, order="scan-1-profiles", what="profiles", target=NAME,
        ordered_at=instagram.clock(), newest_before="a-run-of-long-ago",
    )  # fmt: skip
    with pytest.raises(NotReady, match="not clear") as unclear:
        until_rows(instagram, access)
    assert "/settings/sources/apify/" in unclear.value.url
    assert paid(instagram) == []
    row = SourceRun.objects.get()
    source_runs.settle(run=row, was_started=False, by=instagram.person, now=instagram.clock())
    with pytest.raises(source_runs.RunConflict):
        source_runs.settle(run=row, was_started=False, by=instagram.person, now=instagram.clock())
    until_rows(instagram, access)
    assert len(paid(instagram)) == 1


@pytest.mark.parametrize("outcome", ["FAILED", "ABORTED", "TIMED-OUT"])
def test_a_run_that_fails_is_noted_and_not_ordered_again_by_itself(
    instagram: Instagram, access: SourceAccess, outcome: str
) -> None:
    instagram.simulator.control("services/runs", {"outcome": outcome})
    with pytest.raises(errors.RunFailed):
        until_rows(instagram, access)
    assert SourceRun.objects.get().state == RunState.FAILED
    assert len(paid(instagram)) == 1


def test_without_credit_nothing_is_ordered(instagram: Instagram, access: SourceAccess) -> None:
    instagram.simulator.control("services/key", {"service": "apify", "secret": "apify_api_demo", "dollars": 0})
    with pytest.raises(errors.OutOfCredit):
        step(instagram, access)
    assert (SourceRun.objects.get().state, paid(instagram)) == (RunState.VOID, [])


def test_a_look_up_goes_from_tikhub_to_apify_and_asks_tikhub_once(instagram: Instagram, access: SourceAccess) -> None:
    source_keys.save(
        workspace=instagram.workspace, source=SourceName.TIKHUB, key=Secret("tikhub-demo"), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    instagram.simulator.control("services/key", {"service": "tikhub", "secret": "tikhub-demo", "dollars": 0})
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PROFILE, sources=[SourceName.TIKHUB, SourceName.APIFY],
        by=None, now=instagram.clock(),
    )  # fmt: skip
    account = tracking.track(workspace=instagram.workspace, account=NAME, by=None, now=instagram.clock())
    asked = len(instagram.log("tikhub"))
    job = work_off(Job.objects.get(kind=tracking.RESOLVE), instagram.clock)
    assert (job.state, job.result) == (JobState.DONE, {"source": "apify"}), job.message
    account.refresh_from_db()
    assert account.followers_count is not None
    assert len(paid(instagram)) == 1
    assert len(instagram.log("tikhub")) == asked + 1
    assert SourceAccess.objects.get(source=SourceName.TIKHUB).status == KeyStatus.EMPTY


def test_a_new_key_lets_jobs_that_waited_for_it_go_on(instagram: Instagram, access: SourceAccess) -> None:
    instagram.simulator.control("services/key", {"service": "apify", "secret": "apify_api_demo", "is_valid": False})
    source_chains.choose(
        workspace=instagram.workspace, purpose=Purpose.PROFILE, sources=[SourceName.APIFY], by=None,
        now=instagram.clock(),
    )  # fmt: skip
    tracking.track(workspace=instagram.workspace, account=NAME, by=None, now=instagram.clock())
    job = work_off(Job.objects.get(kind=tracking.RESOLVE), instagram.clock)
    assert (job.state, job.next_url) == (JobState.BLOCKED, "/settings/sources/apify/")
    instagram.simulator.control("services/key", {"service": "apify", "secret": "apify_api_new", "dollars": 1})
    source_keys.save(
        workspace=instagram.workspace, source=SourceName.APIFY, key=Secret("apify_api_new"), by=None,
        now=instagram.clock(),
    )  # fmt: skip
    assert work_off(job, instagram.clock).state == JobState.DONE


def test_the_operator_names_another_actor(instagram: Instagram, access: SourceAccess, settings: Settings) -> None:
    settings.APIFY_ACTORS = {"profiles": "somebody/profiles-of-instagram"}
    door = source_gateway.open_source(access, Way(), AccessLedger(access, instagram.workspace, instagram.clock))
    with contextlib.closing(door), pytest.raises(errors.GatewayError):
        door.start_run(RunOrder(RunKind.PROFILES, (NAME,)))
    assert instagram.log("somebody~profiles-of-instagram")


def test_a_run_that_nobody_wants_is_ended_though_the_answer_to_its_order_was_lost(
    instagram: Instagram, access: SourceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    instagram.simulator.control("services/runs", {"seconds": 3600, "clock": "simulated"})
    real = Apify.start_run

    def lost(gateway: Apify, order: Any) -> Any:
        real(gateway, order)
        raise KilledError

    monkeypatch.setattr(Apify, "start_run", lost)
    with pytest.raises(KilledError):
        step(instagram, access)
    source_runs.give_up(TASK.order)
    ended = work_off(Job.objects.get(kind=source_runs.ABORT), instagram.clock)
    assert ended.state == JobState.DONE, ended.error
    assert [run["status"] for run in instagram.simulator.control("services")["runs"]] == ["ABORTED"]
    assert SourceRun.objects.get().state == RunState.FAILED


def test_an_order_that_nobody_wants_and_that_never_left_costs_nothing(
    instagram: Instagram, access: SourceAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(gateway: Apify, order: Any) -> Any:
        raise KilledError

    monkeypatch.setattr(Apify, "start_run", killed)
    with pytest.raises(KilledError):
        step(instagram, access)
    source_runs.give_up(TASK.order)
    ended = work_off(Job.objects.get(kind=source_runs.ABORT), instagram.clock)
    assert ended.state == JobState.DONE, ended.error
    assert instagram.simulator.control("services")["runs"] == []
    assert SourceRun.objects.get().state == RunState.VOID


def test_a_run_whose_key_is_removed_says_where_to_end_it(instagram: Instagram, access: SourceAccess) -> None:
    instagram.simulator.control("services/runs", {"seconds": 3600, "clock": "simulated"})
    with pytest.raises(MustWait):
        step(instagram, access)
    source_keys.remove(access=access, by=None, now=instagram.clock())
    row = SourceRun.objects.get()
    assert row.state == RunState.FAILED
    assert "end it there" in row.note
