"""Real cluster and sweep processes on the test's database, kept alive as the site's supervisor keeps them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from django.db import connection

from igsite import child_processes
from igsite.jobs.models import Job
from igsite.jobs.watchdog import cluster_is_stuck
from tests.jobs import practice

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = (practice.Counting.name, practice.Poison.name)  # registered by the import, here and in the processes


def database_url() -> str:
    """The address of this test's own database."""
    settings: dict[str, Any] = connection.settings_dict
    host = str(settings["OPTIONS"].get("host") or settings["HOST"])
    who = quote(settings["USER"]) + (f":{quote(settings['PASSWORD'])}" if settings["PASSWORD"] else "")
    if host.startswith("/"):
        return f"postgresql://{who}@/{settings['NAME']}?host={quote(host, safe='')}"
    return f"postgresql://{who}@{host}:{settings['PORT'] or 5432}/{settings['NAME']}"


class Workers:
    """Cluster and sweep with the practice kinds. ``supervised``: restarted when they end or get stuck."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.environment = {**os.environ, "DATABASE_URL": database_url(), "IGSITE_ROLE": "worker"}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.since: dict[str, datetime] = {}
        self.ever: set[int] = set()
        self.restarts = 0
        self._ending = threading.Event()
        self._supervisor: threading.Thread | None = None

    def start(self, role: str) -> None:
        """Start ``cluster`` or ``sweep``."""
        with self.log.open("ab") as output:
            self.running[role] = subprocess.Popen(
                [sys.executable, "-m", "tests.jobs.cluster_process", role],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.since[role] = datetime.now(UTC)

    def supervise(self) -> None:
        """Do what ``manage.py up`` does, five times a second, until the end."""
        self._supervisor = threading.Thread(target=self._watch, daemon=True)
        self._supervisor.start()

    def _watch(self) -> None:
        last_asked = time.monotonic()
        while not self._ending.wait(0.2):
            for role, process in list(self.running.items()):
                if process.poll() is not None:
                    self._restart(role)
            if time.monotonic() - last_asked > 5:
                last_asked = time.monotonic()
                if cluster_is_stuck(self.since["cluster"]):
                    self._restart("cluster")
        connection.close()

    def _restart(self, role: str) -> None:
        self.restarts += 1
        child_processes.kill_group(self.running[role].pid)
        self.running[role].wait()
        self.start(role)

    def tree(self) -> list[psutil.Process]:
        """The cluster's processes that live now, by role: main, sentinel, then its children in order of birth."""
        try:
            main = psutil.Process(self.running["cluster"].pid)
            found = [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
        self.ever |= {process.pid for process in found}
        return found

    def role_of_cluster(self, words: str) -> list[psutil.Process]:
        """Cluster processes whose title contains ``words``: " idle", " monitor", " pusher", " processing"."""
        return [process for process in self.tree() if words in _title(process)]

    def sentinel(self) -> psutil.Process:
        """The process that guards the workers: the only child of the main one."""
        return psutil.Process(self.running["cluster"].pid).children()[0]

    def wait_until_ready(self) -> None:
        """Until workers, pusher and monitor stand."""
        wait_for(lambda: self.role_of_cluster(" idle"), 30, "workers are ready")
        wait_for(lambda: self.role_of_cluster(" pusher") and self.role_of_cluster(" monitor"), 10, "pusher, monitor")

    def stop(self) -> None:
        """SIGTERM to the main processes, then force; nothing may be left."""
        self._ending.set()
        if self._supervisor is not None:
            self._supervisor.join()
        self.tree()
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            finally:
                child_processes.kill_group(process.pid)
                process.wait()


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def wait_for(condition: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll until ``condition`` is true and return it; AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)


def reaches(job: Job, *states: str) -> bool:
    """Whether the job is in one of the states by now."""
    job.refresh_from_db()
    return job.state in states


def orphans(workers: Workers) -> list[psutil.Process]:
    """Processes that once belonged to the cluster, live, and no longer belong to it."""
    now = {process.pid for process in workers.tree()}
    left = [psutil.Process(pid) for pid in workers.ever - now if psutil.pid_exists(pid)]
    return [process for process in left if "qcluster" in _title(process) or "cluster_process" in _title(process)]


@contextmanager
def workers(folder: Path, *, supervised: bool) -> Iterator[Workers]:
    """Ready workers, and none of them left afterwards."""
    standing = Workers(folder / "workers.log")
    try:
        for role in ("cluster", "sweep"):
            standing.start(role)
        standing.wait_until_ready()
        if supervised:
            standing.supervise()
        yield standing
    finally:
        standing.stop()
