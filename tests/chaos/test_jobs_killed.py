"""Kill each role of the cluster: jobs end by themselves, with the same result, and no orphan works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Workspace
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from tests.chaos.job_processes import Workers, orphans, reaches, wait_for, workers

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]
UNITS = 40


@pytest.fixture
def supervised(transactional_db: None, tmp_path: Path) -> Iterator[Workers]:
    """A cluster and a sweep under supervision."""
    with workers(tmp_path, supervised=True) as standing:
        yield standing


@pytest.fixture
def counting(transactional_db: None) -> Callable[..., Job]:
    """Starts a job that takes a few seconds."""
    workspace = Workspace.objects.create(name="Atelier")

    def start(**params: Any) -> Job:
        wanted = {"to": UNITS, "pause": 0.05} | params
        return runner.enqueue("practice.count", workspace=workspace, params=wanted)

    return start


def assert_undisturbed_result(job: Job) -> None:
    """Every unit once and in order, as if nothing had happened."""
    assert job.result == {"reached": UNITS, "trace": list(range(1, UNITS + 1))}


def midway(job: Job) -> bool:
    """Whether it has got somewhere and is not through."""
    job.refresh_from_db()
    return 3 <= job.done_units < UNITS


def has_reached(job: Job, units: int) -> bool:
    """Whether it has got that far."""
    job.refresh_from_db()
    return job.done_units >= units


def no_lease_is_dead() -> bool:
    """The rule: no job is left running behind a lease that ran out."""
    return not Job.objects.held().filter(lease_until__lt=timezone.now()).exists()


def all_idle(standing: Workers) -> list[psutil.Process]:
    """The workers, when none has anything to do; then one of them holds the queue's lock."""
    idle = standing.role_of_cluster(" idle")
    busy = Job.objects.exclude(kind="jobs.canary").exclude(state=JobState.DONE).exists()
    return idle if len(idle) == settings.WORKERS and not busy else []


def test_a_busy_worker_is_killed_and_its_job_goes_on_where_it_stood(
    supervised: Workers, counting: Callable[..., Job]
) -> None:
    job = counting()
    wait_for(lambda: midway(job), 20, "the job is at work")
    victim = next(process for process in supervised.tree() if f"|{process.pid}|" in job.lease_owner)
    victim.kill()
    wait_for(lambda: reaches(job, JobState.DONE), 30, "the job is done in spite of it")
    assert_undisturbed_result(job)
    assert no_lease_is_dead()


@pytest.mark.parametrize("role", [" monitor", " pusher"])
def test_an_auxiliary_process_is_killed_and_work_goes_through(
    supervised: Workers, counting: Callable[..., Job], role: str
) -> None:
    job = counting()
    wait_for(lambda: midway(job), 20, "the job is at work")
    supervised.role_of_cluster(role)[0].kill()
    after = counting(pause=0)
    wait_for(lambda: reaches(job, JobState.DONE) and reaches(after, JobState.DONE), 30, "both are done")
    assert_undisturbed_result(job)


@pytest.mark.parametrize("role", ["main", "sentinel"])
def test_the_head_is_killed_and_no_orphan_works_on(
    supervised: Workers, counting: Callable[..., Job], role: str
) -> None:
    job = counting()
    wait_for(lambda: midway(job), 20, "the job is at work")
    before = supervised.tree()
    (before[0] if role == "main" else supervised.sentinel()).kill()
    _gone, left = psutil.wait_procs(before[1:], timeout=20)
    assert left == []
    wait_for(lambda: reaches(job, JobState.DONE), 30, "the new cluster takes the job up")
    assert_undisturbed_result(job)
    assert orphans(supervised) == []


def test_a_poison_job_ends_failed_after_three_claims_and_others_do_not_suffer(
    supervised: Workers, counting: Callable[..., Job]
) -> None:
    healthy = counting()
    poison = runner.enqueue("practice.poison", workspace=healthy.workspace)
    wait_for(lambda: reaches(poison, JobState.FAILED), 60, "the poison job is given up")
    assert (poison.attempts, poison.error_code) == (3, "no_progress")
    assert "3 times" in poison.error
    wait_for(lambda: reaches(healthy, JobState.DONE), 30, "the healthy job is done")
    assert_undisturbed_result(healthy)


def test_the_sweep_is_killed_and_waits_still_end(supervised: Workers, counting: Callable[..., Job]) -> None:
    job = counting(to=6, rest=0.4)
    wait_for(lambda: Job.objects.filter(pk=job.pk, done_units__gte=2).exists(), 20, "it is under way")
    supervised.running["sweep"].kill()
    wait_for(lambda: reaches(job, JobState.DONE), 30, "the new sweep wakes it")
    assert job.result["trace"] == [1, 2, 3, 4, 5, 6]


def test_an_idle_worker_that_holds_the_queues_lock_is_killed_and_the_watchdog_starts_the_cluster_again(
    supervised: Workers, counting: Callable[..., Job]
) -> None:
    idle = wait_for(lambda: all_idle(supervised), 20, "every worker is idle")
    for process in idle:
        process.kill()
    job = counting(pause=0)
    wait_for(lambda: reaches(job, JobState.DONE), 90, "work goes through again within 90 s")
    assert_undisturbed_result(job)
    assert orphans(supervised) == []


def test_every_database_session_is_cut_again_and_again_and_the_result_is_the_same(
    supervised: Workers, counting: Callable[..., Job]
) -> None:
    job = counting()
    for reached in (3, 12):
        wait_for(partial(has_reached, job, reached), 30, "the job gets further")
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
    wait_for(lambda: reaches(job, JobState.DONE), 60, "the job is done in spite of it")
    assert_undisturbed_result(job)
    assert no_lease_is_dead()


def test_sigterm_lets_the_running_step_finish_and_leaves_nothing(counting: Callable[..., Job], tmp_path: Path) -> None:
    with workers(tmp_path, supervised=False) as standing:
        job = counting()
        wait_for(lambda: midway(job), 20, "the job is at work")
        everything = standing.tree()
        standing.running["cluster"].terminate()
        _gone, left = psutil.wait_procs(everything, timeout=20)
        assert left == []
        job.refresh_from_db()
        assert (job.state, job.lease_token, job.attempts) == (JobState.RUNNING, None, 0), "the turn ended cleanly"
        assert job.cursor["trace"] == list(range(1, job.done_units + 1))
