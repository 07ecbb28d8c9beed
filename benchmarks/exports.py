"""``manage.py bench exports``: files of a long list beside one COPY of the same columns out of the database.

The list is written as a scan writes it, the files by the very job that writes them for people. Compare the ratios; by
CPU they count this process and its database process together. Memory is what this process took more at its highest
than before the file; the workspace and all of its people are deleted afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TextIO

import psutil
from django.db import connection
from django.utils import timezone

from accounts.models import TrackedAccount
from benchmarks.lists_parts import crowds
from benchmarks.lists_parts.crowds import Case
from benchmarks.lists_parts.memory import Peak
from benchmarks.lists_parts.timing import kept, machine, sizes
from igsite.jobs.models import Job
from igsite.jobs.runner import run_step
from scans import list_export_files, list_exports
from scans.list_exports import PeopleWish
from scans.models.list_exports import ExportFormat
from scans.people_choice import PeopleSort

CSV_GOAL: Final = 2.0
XLSX_GOAL: Final = 100_000
MEMORY_GOAL: Final = 80.0
#: The columns of the file that Postgres has.
_SAME: Final = """
copy (select p.id, p.username, p.full_name, p.is_private, p.is_verified, e.first_seq
      from edge_current e join accounts_profile p on p.id = e.profile_id
      where e.list_id in (select id from scans_edgelist where account_id = '{account}') order by e.profile_id)
to stdout with (format csv)
"""


@dataclass(frozen=True)
class _Cost:
    """Seconds by the clock and of both processes' CPU, and the megabytes taken at most."""

    seconds: float
    cpu: float
    memory: float


def main(stdout: TextIO) -> None:
    """Measure and print."""
    stdout.write(machine())
    crowds.run("set max_parallel_workers_per_gather = 0")  # one process, whose CPU time is seen
    for size in sizes():
        with crowds.account() as account:
            crowds.scan(account, Case("", 1, size))
            _measure(stdout, account, size)


def _measure(stdout: TextIO, account: TrackedAccount, size: int) -> None:
    base = _least(lambda: _copied_out(account))
    stdout.write(f"{size:,} people; COPY out of the database: {base.seconds:.2f} s, by CPU {base.cpu:.2f} s = 1.0")
    for format_ in ExportFormat:
        cost = _least(lambda format_=format_: _exported(account, format_))  # type: ignore[misc]
        ratio, rate = cost.cpu / base.cpu, size / cost.cpu
        told = f"{cost.seconds:7.2f} s  ÷ COPY {cost.seconds / base.seconds:5.2f}, by CPU {ratio:5.2f}"
        goals = {
            ExportFormat.CSV: f" ({kept(ratio, CSV_GOAL)})",
            ExportFormat.XLSX: f" ({'ok' if rate >= XLSX_GOAL else 'MISSED'}, goal ≥ {XLSX_GOAL:,})",
        }
        stdout.write(f"  {format_.value:<5} {told}; {rate:9,.0f} rows a second of CPU{goals.get(format_, '')}")
        stdout.write(f"  {'':<5} {cost.memory:.0f} MB ({kept(cost.memory, MEMORY_GOAL)})")


def _least(call: Callable[[], None]) -> _Cost:
    """The cheapest of three: what a process loads once, and what others do meanwhile, is no part of a file."""
    return min((_cost(call) for _time in range(3)), key=lambda cost: cost.cpu)


def _cost(call: Callable[[], None]) -> _Cost:
    process = psutil.Process()
    started, own, busy = time.perf_counter(), sum(process.cpu_times()[:2]), crowds.cpu() or 0.0
    with Peak() as peak:
        call()
    seconds = time.perf_counter() - started
    return _Cost(seconds, sum(process.cpu_times()[:2]) - own + (crowds.cpu() or 0.0) - busy, peak.megabytes)


def _copied_out(account: TrackedAccount) -> None:
    with connection.cursor() as cursor, cursor.copy(_SAME.format(account=account.pk)) as copy:
        for _part in copy:
            pass


def _exported(account: TrackedAccount, format_: ExportFormat) -> None:
    wish = PeopleWish(sort=PeopleSort.OLDEST_ACCOUNT)
    export = list_exports.order(account=account, wish=wish, format_=format_, by=None, now=timezone.now())
    job = Job.objects.get(uuid=export.job_uuid)
    while job.is_open:
        run_step(job.pk)
        job.refresh_from_db()
    if job.state != "done":
        raise SystemExit(f"The export ended {job.state}: {job.message}")
    list_export_files.delete(export.pk)
