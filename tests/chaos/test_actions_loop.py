"""The kill loop for a few seconds, and its judge on logs that are made up: it sees what it has to see."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from automation.kill_loop.judge import judge, most_in, writes_in
from tests.chaos.job_processes import ROOT

LIMITS = {(who, sort): (3, 5) for who in ("ada", "bob") for sort in ("ties", "likes", "comments")}


def post(pk: int, at: float, *, login: str = "ada", verb: str = "create", ms: float = 10) -> dict[str, Any]:
    path = f"/ig/i.instagram.com/api/v1/friendships/{verb}/{pk}/"
    return {"method": "POST", "path": path, "login": login, "at": at, "ms": ms, "status": None}


def on_post(pk: int, at: float, verb: str) -> dict[str, Any]:
    return post(pk, at) | {"path": f"/ig/i.instagram.com/api/v1/media/{pk}_44/{verb}/"}


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_a_site_that_is_killed_and_paused_while_it_acts_hits_nobody_twice() -> None:
    command = [sys.executable, "manage.py", "chaos", "actions", "--seconds=12", "--every=3", "--longest-pause=6"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [*command, "--seed=5"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "seed 5: everything held" in ended.stdout


def test_what_is_all_right_has_no_fault() -> None:
    log = [post(pk, 100.0 * pk) for pk in range(1, 4)] + [post(1, 150.0, login="bob"), post(1, 5000.0, verb="destroy")]
    look = post(1, 1.0, verb="show") | {"method": "GET"}
    verdict = judge(writes_in([*log, look]), LIMITS)
    assert (verdict.writes, verdict.targets, verdict.faults) == (5, 5, ())
    assert verdict.fullest_hour == {"ada ties": 3, "bob ties": 1}


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ([post(7, 1.0), post(7, 900.0)], "hit ['create', '7'] 2 times"),
        ([post(pk, 10.0 * pk) for pk in range(4)], "4 ties in an hour, where 3"),
        ([post(pk, 4000.0 * pk) for pk in range(6)], "6 ties in a day, where 5"),
        ([on_post(pk, 10.0 * pk, "like") for pk in range(4)], "4 likes in an hour, where 3"),
        ([on_post(7, 1.0, "comment"), on_post(7, 900.0, "comment")], "hit ['comment', '7_44'] 2 times"),
        ([post(1, 10.0), post(2, 10.5, ms=900)], "wrote twice at once"),
    ],
)
def test_what_must_not_be_is_seen(log: list[dict[str, Any]], words: str) -> None:
    faults = judge(writes_in(log), LIMITS).faults
    assert len(faults) == 1
    assert words in faults[0]


def test_a_write_on_a_post_is_a_write_on_that_post() -> None:
    found = writes_in([on_post(33, 5.0, "like"), on_post(33, 6.0, "unlike")])
    assert [(write.verb, write.target) for write in found] == [("like", "33_44"), ("unlike", "33_44")]


def test_each_sort_of_writes_has_a_budget_of_its_own() -> None:
    log = [post(pk, 100.0 * pk) for pk in range(3)] + [on_post(pk, 500.0 + 9 * pk, "like") for pk in range(3)]
    verdict = judge(writes_in(log), LIMITS)
    assert (verdict.faults, verdict.fullest_hour) == ((), {"ada ties": 3, "ada likes": 3})


def test_a_window_slides() -> None:
    assert most_in([0, 1, 2, 10, 11, 12, 13], 5) == 4
    assert most_in([0, 5], 5) == 1
    assert most_in([], 5) == 0
