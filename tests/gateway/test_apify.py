"""Apify by its real client: a run is paid once, whatever happens between the order and the last page."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.gateway import errors
from accounts.gateway.providers import open_apify
from accounts.gateway.providers.apify import Apify
from accounts.gateway.runs import Run, RunKind, RunOrder, RunState
from igsite.secrets import Secret
from tests.gateway.opened_sources import APIFY_KEY, FINISHED
from tests.gateway.raw_server import RawServer, Reply, as_json
from tests.simulator_process import ROOT, SimulatorProcess

TINY = RunOrder(RunKind.FOLLOWERS, ("tiny.pottery",))


@pytest.fixture
def apify(instagram: SimulatorProcess) -> Iterator[Apify]:
    with open_apify(Secret(APIFY_KEY), base_url=f"{instagram.base_url}/apify") as opened:
        yield opened


@pytest.fixture
def raw(server: RawServer) -> Iterator[Apify]:
    with open_apify(Secret(APIFY_KEY), base_url=server.base_url) as opened:
        yield opened


def paid(instagram: SimulatorProcess) -> list[str]:
    """Ids of the runs that were started and paid, as the service knows them."""
    return [run["id"] for run in instagram.control("services")["runs"]]


def opened_with(key: str, instagram: SimulatorProcess) -> Apify:
    return open_apify(Secret(key), base_url=f"{instagram.base_url}/apify")


def test_a_worker_killed_between_order_and_poll_pays_once(apify: Apify, instagram: SimulatorProcess) -> None:
    """One process orders, saves the id and is killed; another looks and reads."""
    ordering = (
        "import sys, os, signal\n"
        "from accounts.gateway.providers import open_apify\n"
        "from accounts.gateway.runs import RunKind, RunOrder\n"
        "from igsite.secrets import Secret\n"
        "gateway = open_apify(Secret(sys.argv[1]), base_url=sys.argv[2])\n"
        "print(gateway.start_run(RunOrder(RunKind.FOLLOWERS, ('tiny.pottery',))).id, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", ordering, APIFY_KEY, f"{instagram.base_url}/apify"]
    killed = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert killed.returncode < 0
    saved = killed.stdout.strip()
    people = apify.reading(apify.look(saved)).followers(0).people
    pk = instagram.control("truth/person?account=tiny.pottery")["pk"]
    assert {person.pk for person in people} == set(instagram.control(f"truth?account={pk}")["pks"])
    assert paid(instagram) == [saved]


def test_an_order_whose_answer_was_lost_is_found_again(apify: Apify, instagram: SimulatorProcess) -> None:
    instagram.control("faults", {"path": "api.apify.com/v2/actors/.*/runs", "kind": "reset_after"})
    with pytest.raises(errors.Transient):
        apify.start_run(TINY)
    assert len(paid(instagram)) == 1, "paid, though nobody heard of it"
    other = RunOrder(RunKind.FOLLOWERS, ("northwind_run",))
    apify.start_run(other)
    found = [run.id for run in apify.recent_runs(RunKind.FOLLOWERS) if apify.was_ordered_by(run, TINY)]
    assert found == paid(instagram)[:1]


@pytest.mark.parametrize("kind", ["429", "5xx", "html", "truncated", "reset", "reset_after"])
def test_an_order_is_sent_once_whatever_comes_back(apify: Apify, instagram: SimulatorProcess, kind: str) -> None:
    instagram.control("faults", {"path": "api.apify.com/v2/actors/.*/runs", "kind": kind, "count": -1})
    with pytest.raises(errors.GatewayError):
        apify.start_run(TINY)
    sent = instagram.control("log?path=api.apify.com")["entries"]
    assert [entry["method"] for entry in sent] == ["POST"]


def test_a_run_is_looked_after_by_single_requests(apify: Apify, instagram: SimulatorProcess) -> None:
    instagram.control("services/runs", {"seconds": 60, "clock": "simulated"})
    run = apify.start_run(TINY)
    seen = [run.state]
    for seconds in (0, 59, 2):
        instagram.control("clock", {"advance_seconds": seconds})
        seen.append(apify.look(run.id).state)
    assert seen == [RunState.WAITING, RunState.WAITING, RunState.RUNNING, RunState.SUCCEEDED]
    assert [state.is_over for state in seen] == [False, False, False, True]
    assert len(instagram.control("log?path=api.apify.com")["entries"]) == 4


@pytest.mark.parametrize("outcome", ["FAILED", "ABORTED", "TIMED-OUT"])
def test_a_run_that_did_not_succeed_is_never_an_empty_list(
    apify: Apify, instagram: SimulatorProcess, outcome: str
) -> None:
    instagram.control("services/runs", {"outcome": outcome})
    ended = apify.look(apify.start_run(TINY).id)
    assert ended.state.is_over
    with pytest.raises(errors.RunFailed):
        apify.reading(ended)


def test_a_run_that_is_still_running_is_not_read(apify: Apify, instagram: SimulatorProcess) -> None:
    instagram.control("services/runs", {"seconds": 60, "clock": "simulated"})
    with pytest.raises(errors.RunFailed, match="not done"):
        apify.reading(apify.start_run(TINY))


def test_a_run_can_be_aborted(apify: Apify, instagram: SimulatorProcess) -> None:
    instagram.control("services/runs", {"seconds": 60, "clock": "simulated"})
    assert apify.abort(apify.start_run(TINY).id).state == RunState.ABORTED


def test_what_a_run_costs_is_told_and_capped(apify: Apify, instagram: SimulatorProcess) -> None:
    run = apify.start_run(RunOrder(RunKind.FOLLOWERS, ("aurora.studio",), most_results=500))
    assert apify.look(run.id).dollars == Decimal("0.5")
    capped = RunOrder(RunKind.FOLLOWERS, ("aurora.studio",), most_dollars=Decimal("0.25"))
    assert apify.start_run(capped).dollars == Decimal("0.25")


def test_a_list_cut_by_its_own_limit_says_so(apify: Apify) -> None:
    run = apify.look(apify.start_run(RunOrder(RunKind.FOLLOWERS, ("tiny.pottery",), most_results=30)).id)
    page = apify.reading(run).followers(0)
    assert (len(page.people), page.next_cursor, page.is_limited) == (30, None, True)
    whole = apify.look(apify.start_run(RunOrder(RunKind.FOLLOWERS, ("tiny.pottery",), most_results=51)).id)
    assert not apify.reading(whole).followers(0).is_limited


def test_the_pages_of_a_large_run_follow_one_another(apify: Apify, instagram: SimulatorProcess) -> None:
    rows = apify.reading(apify.look(apify.start_run(RunOrder(RunKind.FOLLOWERS, ("aurora.studio",))).id))
    found, cursor, pages = list[int | None](), None, 0
    while pages == 0 or cursor:
        page = rows.followers(0, cursor)
        found += [person.pk for person in page.people]
        cursor, pages = page.next_cursor, pages + 1
    pk = instagram.control("truth/person?account=aurora.studio")["pk"]
    assert (len(found), pages) == (10_000, 10)
    assert set(found) == set(instagram.control(f"truth?account={pk}")["pks"])


@pytest.mark.parametrize(
    ("target", "error"), [("nobody.of.that.name", errors.Gone), ("private.garden", errors.Private)]
)
@pytest.mark.parametrize("kind", [RunKind.FOLLOWERS, RunKind.POSTS])
def test_a_row_that_says_why_there_is_none_is_no_person(
    apify: Apify, target: str, error: type[errors.GatewayError], kind: RunKind
) -> None:
    rows = apify.reading(apify.look(apify.start_run(RunOrder(kind, (target,))).id))
    with pytest.raises(error):
        rows.followers(0) if kind == RunKind.FOLLOWERS else rows.posts(0)


def test_a_user_left_out_of_the_rows_is_not_gone(apify: Apify, instagram: SimulatorProcess) -> None:
    instagram.control("services/runs", {"leaves_out_missing": True})
    order = RunOrder(RunKind.PROFILES, ("aurora.studio", "nobody.of.that.name"))
    rows = apify.reading(apify.look(apify.start_run(order).id))
    assert rows.profile_by_username("aurora.studio").followers_count == 10_000
    with pytest.raises(errors.RunFailed):
        rows.profile_by_username("nobody.of.that.name")


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("apify_api_poor", errors.OutOfCredit),
        ("apify_api_norent", errors.NeedsKey),
        ("apify_api_revoked", errors.NeedsKey),
        ("apify_api_unknown", errors.NeedsKey),
    ],
)
def test_a_key_that_may_not_is_told(instagram: SimulatorProcess, key: str, error: type[errors.GatewayError]) -> None:
    with opened_with(key, instagram) as apify, pytest.raises(error):
        apify.start_run(TINY)
    assert paid(instagram) == []


def test_a_key_is_checked_without_paying(apify: Apify, instagram: SimulatorProcess) -> None:
    assert apify.check_key().name == "demo"
    with opened_with("apify_api_revoked", instagram) as refused, pytest.raises(errors.NeedsKey):
        refused.check_key()
    assert paid(instagram) == []


def test_actors_are_settings(instagram: SimulatorProcess) -> None:
    actors = {RunKind.FOLLOWERS: "somebody/else"}
    gateway = open_apify(Secret(APIFY_KEY), base_url=f"{instagram.base_url}/apify", actors=actors)
    with gateway, pytest.raises((errors.Unsupported, errors.RunFailed)):
        gateway.start_run(TINY)


def test_a_forgotten_run_is_failed_and_says_nothing_of_the_target(apify: Apify) -> None:
    for call in (apify.look, apify.abort):
        with pytest.raises(errors.RunFailed):
            call("HG7ML7M8z78YcAPEB")
    with pytest.raises(errors.RunFailed):
        apify.reading(FINISHED).followers(0)


def rows_reply(rows: object, **headers: str | None) -> Reply:
    """A page of a dataset; a header of None is left out."""
    told = {"Total": "2", "Offset": "0", "Count": "2", "Limit": "1000", "Desc": "false"} | headers
    named = {f"X-Apify-Pagination-{name}": value for name, value in told.items() if value is not None}
    return Reply(200, json.dumps(rows).encode(), {"Content-Type": "application/json", **named})


PEOPLE = [{"id": "1", "username": "a"}, {"id": "2", "username": "b"}]


@pytest.mark.parametrize(
    "reply",
    [
        rows_reply(PEOPLE, Total=None),
        rows_reply(PEOPLE, Offset="1000"),
        rows_reply([], Total="7"),
        rows_reply([1, 2]),
        rows_reply([{"id": "1"}]),
        rows_reply([{"username": "a"}]),
    ],
)
def test_pages_that_make_no_sense_are_drift_and_never_the_end(raw: Apify, server: RawServer, reply: Reply) -> None:
    server.will(reply)
    with pytest.raises(errors.ContractDrift):
        raw.reading(FINISHED).followers(0)


def test_an_unknown_error_in_a_row_fails_the_run(raw: Apify, server: RawServer) -> None:
    server.will(rows_reply([*PEOPLE, {"error": "proxy exhausted c4n4ry"}], Total="3"))
    with pytest.raises(errors.RunFailed) as told:
        raw.reading(FINISHED).followers(0)
    assert "c4n4ry" not in str(told.value)


@pytest.mark.parametrize("status", ["DREAMING", None])
def test_a_state_that_nobody_knows_is_drift(raw: Apify, server: RawServer, status: str | None) -> None:
    server.otherwise = as_json({"data": {"id": "r1", "status": status}}, 201)
    with pytest.raises(errors.ContractDrift):
        raw.start_run(TINY)
    with pytest.raises(errors.ContractDrift):
        raw.look("r1")
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (402, "not-enough-usage-to-run-paid-actor", errors.OutOfCredit),
        (402, "actor-memory-limit-exceeded", errors.Throttled),
        (429, "concurrent-runs-limit-exceeded", errors.Throttled),
        (403, "actor-is-not-rented", errors.NeedsKey),
        (403, "insufficient-permissions", errors.NeedsKey),
        (403, "monthly-usage-hard-limit-exceeded", errors.OutOfCredit),
        (404, "actor-not-found", errors.Unsupported),
        (400, "invalid-input", errors.ContractDrift),
    ],
)
def test_what_the_service_calls_it_decides(
    raw: Apify, server: RawServer, status: int, kind: str, error: type[errors.GatewayError]
) -> None:
    server.will(as_json({"error": {"type": kind, "message": "c4n4ry"}}, status))
    with pytest.raises(errors.GatewayError) as told:
        raw.start_run(TINY)
    assert type(told.value) is error
    assert "c4n4ry" not in str(told.value) + told.value.detail
    assert len(server.seen) == 1


def test_how_long_to_wait_is_told(raw: Apify, server: RawServer) -> None:
    server.will(as_json({"error": {"type": "rate-limit-exceeded", "message": "x"}}, 429, Retry_After="7"))
    with pytest.raises(errors.Throttled, match="Apify") as told:
        raw.look("r1")
    assert told.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("kind", "count"), [(RunKind.PROFILES, 1_001), (RunKind.PROFILES, 0), (RunKind.FOLLOWERS, 2), (RunKind.COMMENTS, 2)]
)
def test_an_order_that_makes_no_sense_is_refused_before_it_is_sent(kind: RunKind, count: int) -> None:
    with pytest.raises(ValueError, match="target"):
        RunOrder(kind, tuple(f"name{number}" for number in range(count)))


def test_what_is_kept_of_a_run_can_be_read_again(apify: Apify) -> None:
    """Nothing of a run but its id needs to be saved."""
    run: Run = apify.start_run(TINY)
    looked: Any = apify.look(run.id)
    assert (looked.id, looked.results_id, looked.input_id) == (run.id, run.results_id, run.input_id)
    assert looked.started_at == run.started_at
