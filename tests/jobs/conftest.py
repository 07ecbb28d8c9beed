"""What the tests of jobs share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.models import Workspace
from igsite.jobs import runner
from igsite.jobs.models import Job
from tests.jobs.practice import Answering

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def kill_own_backend() -> None:
    """End this thread's database session from another one, as a restart of the server does."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        backend = cursor.fetchone()[0]
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [backend])
    killer.close()


@pytest.fixture(autouse=True)
def _nothing_prepared() -> None:
    Answering.prepare()


@pytest.fixture
def workspace(db: None) -> Workspace:
    """A workspace."""
    return Workspace.objects.create(name="Atelier")


@pytest.fixture
def clock() -> runner.ManualClock:
    """A clock that stands at noon of 1 March 2026."""
    return runner.ManualClock(START)


@pytest.fixture
def make_job(workspace: Workspace) -> Callable[..., Job]:
    """Makes jobs of the practice kinds, due and rung for at the manual clock's start."""

    def make(kind: str = "practice.answer", **values: Any) -> Job:
        wanted: dict[str, Any] = {"workspace": workspace, "due_at": START} | values
        job = runner.enqueue(kind, **wanted)
        Job.objects.filter(pk=job.pk).update(rung_at=START)
        job.refresh_from_db()
        return job

    return make
