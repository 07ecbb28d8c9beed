"""Live hints: with the commit, to the job's own workspace, at most five a second, the last one always."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import Workspace
from igsite import live
from igsite.jobs import hints, runner, sweep
from igsite.jobs.kinds import Done, Outcome
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from tests.jobs.practice import Answering

pytestmark = pytest.mark.django_db(transaction=True)


class Ear:
    """A connection that listens as a web process does."""

    def __init__(self) -> None:
        parameters: dict[str, Any] = dict(connection.get_connection_params())
        for name in ("cursor_factory", "context", "prepare_threshold"):
            parameters.pop(name, None)
        self.link = psycopg.connect(**parameters, autocommit=True)
        self.link.execute(f"listen {live.CHANNEL}")

    def heard(self) -> list[tuple[str, str]]:
        """Group and topic of everything said so far."""
        said = [json.loads(notice.payload) for notice in self.link.notifies(timeout=0.1)]
        return [(one["group"], one["message"]["topic"]) for one in said]


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Listens from now on."""
    listening = Ear()
    yield listening
    listening.link.close()


@pytest.fixture(autouse=True)
def _no_hint_before() -> None:
    hints._last.clear()


def test_a_hint_leaves_with_the_commit_and_not_with_a_rollback(ear: Ear, workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        runner.enqueue("practice.answer", workspace=workspace)
        _ = 1 / 0
    assert ear.heard() == []
    job = runner.enqueue("practice.answer", workspace=workspace)
    assert ear.heard() == [(f"workspace-{workspace.pk}", f"job-{job.uuid}")]


def test_the_sites_own_jobs_are_silent(ear: Ear) -> None:
    runner.enqueue("practice.answer", workspace=None)
    assert ear.heard() == []


def test_a_fast_job_hints_seldom_and_its_end_always(ear: Ear, workspace: Workspace) -> None:
    def fifty_pages(run: Run) -> Outcome:
        for page in range(1, 51):
            with run.save(cursor={"page": page}, done=page):
                pass
        ear_during.extend(ear.heard())
        return Done()

    ear_during: list[tuple[str, str]] = []
    job = runner.enqueue("practice.answer", workspace=workspace)
    ear.heard()
    Answering.prepare(fifty_pages)
    runner.run_step(job.pk)
    assert len(ear_during) < 25
    assert len(ear.heard()) == 1


def test_the_sweep_pays_the_hint_that_was_held_back(ear: Ear, workspace: Workspace) -> None:
    job = runner.enqueue("practice.answer", workspace=workspace)
    run = runner.claim(job.pk)
    assert run is not None
    hints.send(job)
    with run.save(cursor={"page": 1}):
        pass
    ear.heard()
    sweep.pay_owed_hints()
    sweep.pay_owed_hints()
    assert ear.heard() == [(f"workspace-{workspace.pk}", f"job-{job.uuid}")]
    assert not Job.objects.get().hint_owed
