"""The supervisor alone, with small programs: one log, pauses that grow, patience, and force in the end."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from igsite.child_processes import is_alive
from igsite.supervisor import FIRST_PAUSE, Log, Role, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
)
WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print('child', child.pid, flush=True)
time.sleep(600)
"""


def role(program: str, name: str = "role", grace: float = 5.0) -> Role:
    """A Python program as a role."""
    return Role(name, [sys.executable, "-u", "-c", program], {"PATH": ""}, grace)


def supervise(supervisor: Supervisor, until: Callable[[], bool]) -> None:
    """Run it until the condition holds."""
    deadline = time.monotonic() + 30

    def tick() -> None:
        assert time.monotonic() < deadline, said(supervisor)
        if until():
            supervisor.stopping.set()

    supervisor.run(tick)
    supervisor.stop()


def said(supervisor: Supervisor) -> str:
    """The log so far."""
    assert isinstance(supervisor.log.stream, io.StringIO)
    return supervisor.log.stream.getvalue()


def test_each_line_names_who_said_it(tmp_path: Path) -> None:
    supervisor = Supervisor(Log(io.StringIO()), tmp_path)
    supervisor.add(role("print('one'); print('two')", "first"))
    supervise(supervisor, lambda: "first     | two" in said(supervisor))
    assert "first     | one\n" in said(supervisor)


def test_a_role_that_keeps_dying_is_started_with_growing_pauses(tmp_path: Path) -> None:
    supervisor = Supervisor(Log(io.StringIO()), tmp_path)
    supervisor.add(role("raise SystemExit(3)"))
    supervise(supervisor, lambda: said(supervisor).count("ended with code 3") >= 3)
    pauses = [line.rsplit(" ", 2)[1] for line in said(supervisor).splitlines() if "ended with code 3" in line]
    assert pauses[:3] == ["0.0", str(FIRST_PAUSE), str(FIRST_PAUSE * 2)]


def test_orphans_of_a_dead_role_do_not_work_on(tmp_path: Path) -> None:
    supervisor = Supervisor(Log(io.StringIO()), tmp_path)
    parent = role(WITH_CHILD)
    supervisor.add(parent)
    orphans: list[int] = []

    def killed_once() -> bool:
        if not orphans and "child" in said(supervisor) and parent.process is not None:
            orphans.append(int(said(supervisor).split("child ")[1].split()[0]))
            parent.process.kill()
        return bool(orphans) and said(supervisor).count("child ") == 2

    supervise(supervisor, killed_once)
    assert not is_alive(orphans[0])


def test_who_does_not_end_in_time_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    supervisor = Supervisor(Log(io.StringIO()), tmp_path)
    stubborn = role(STUBBORN, grace=0.5)
    supervisor.add(stubborn)
    assert stubborn.process is not None
    process = psutil.Process(stubborn.process.pid)
    supervise(supervisor, lambda: "here" in said(supervisor))
    assert not process.is_running()
    assert "did not end within 0 s and is killed" in said(supervisor)


def test_a_role_that_runs_once_is_not_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor(Log(io.StringIO()), tmp_path)
    once = role("raise SystemExit(1)", "demo")
    once.once = True
    supervisor.add(once)
    supervise(supervisor, lambda: "The site runs on." in said(supervisor))
    assert said(supervisor).count("demo started") == 1
