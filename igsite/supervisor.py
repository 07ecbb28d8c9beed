"""One supervisor for all the site's processes: it starts them, shows their output as one log, restarts what dies with
growing pauses, and at the end leaves nothing running.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TextIO

from igsite import child_processes

FIRST_PAUSE = 0.5  # seconds before the second restart in a row; the first one is immediate
LONGEST_PAUSE = 30.0
LIVED_WELL = 20.0  # a process that ran this long starts afresh without a pause
TICK = 0.2


@dataclass
class Log:
    """Everything on one stream, each line with who said it."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, line: str, who: str = "igsite") -> None:
        """One line (several: one each)."""
        with self._lock, contextlib.suppress(BrokenPipeError, ValueError):
            for part in line.splitlines() or [""]:
                self.stream.write(f"{who:<9} | {part}\n")
            self.stream.flush()

    @contextmanager
    def pipe(self, who: str) -> Iterator[int]:
        """A descriptor to hand to a child as its output; its lines are said until the child closes it."""
        reader, writer = os.pipe()
        threading.Thread(target=self._follow, args=(os.fdopen(reader, "rb"), who), daemon=True).start()
        try:
            yield writer
        finally:
            os.close(writer)

    def _follow(self, stream: IO[bytes], who: str) -> None:
        with stream:
            for line in stream:
                self.say(line.decode(errors="replace").rstrip(), who)


@dataclass
class Role:
    """A process to keep alive.

    ``grace``: seconds it gets to finish what it does after SIGTERM. ``death_signal``: what the kernel sends it when the
    supervisor itself is killed. ``once``: it may end, and is not started again.
    """

    name: str
    arguments: Sequence[str | Path]
    environment: Mapping[str, str]
    grace: float = 10.0
    death_signal: int = signal.SIGTERM
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    next_start: float = 0.0

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Keeps roles alive until :attr:`stopping` is set. ``each_tick`` runs about five times a second."""

    def __init__(self, log: Log, folder: Path) -> None:
        self.log = log
        self.folder = folder
        self.roles: list[Role] = []
        self.stopping = threading.Event()
        self.impatient = threading.Event()

    def add(self, role: Role) -> None:
        """Start a role and keep it."""
        self.roles.append(role)
        self._start(role)

    def run(self, each_tick: Callable[[], None]) -> None:
        """Watch until asked to stop."""
        while not self.stopping.wait(TICK):
            each_tick()
            for role in self.roles:
                self._watch(role)

    def restart(self, role: Role, why: str) -> None:
        """Kill a role with everything it started, and start it again."""
        self.log.say(f"{role.name} is started again: {why}")
        if role.process is not None:
            child_processes.kill_group(role.process.pid)
            role.process.wait()
        self._start(role)

    def stop(self) -> None:
        """SIGTERM to each main process (never to its group: a worker would lose its task), patience, then force."""
        for role in reversed(self.roles):
            if role.is_running and role.process is not None:
                role.process.terminate()
        deadline = {role.name: time.monotonic() + role.grace for role in self.roles}
        for role in reversed(self.roles):
            while role.is_running and time.monotonic() < deadline[role.name] and not self.impatient.is_set():
                time.sleep(0.05)
            if role.process is not None:
                if role.is_running:
                    self.log.say(f"{role.name} did not end within {role.grace:.0f} s and is killed")
                child_processes.kill_group(role.process.pid)
                role.process.wait()

    def _start(self, role: Role) -> None:
        with self.log.pipe(role.name) as output:
            role.process = child_processes.spawn(
                role.arguments,
                output=output,
                environment=role.environment,
                folder=self.folder,
                death_signal=role.death_signal,
            )
        role.started_at = time.monotonic()
        role.next_start = 0.0
        self.log.say(f"{role.name} started as process {role.process.pid}")

    def _watch(self, role: Role) -> None:
        if role.is_running or role.process is None:
            return
        now = time.monotonic()
        if role.next_start == 0.0:
            child_processes.kill_group(role.process.pid)  # its orphans would work on beside the new one
            if role.once:
                self._report_end(role)
                return
            role.failures = 0 if now - role.started_at > LIVED_WELL else role.failures + 1
            pause = 0.0 if role.failures <= 1 else min(FIRST_PAUSE * 2 ** (role.failures - 2), LONGEST_PAUSE)
            role.next_start = now + pause
            how = _how_it_ended(role.process.returncode)
            self.log.say(f"{role.name} (process {role.process.pid}) {how}; next start in {pause:.1f} s")
        if now >= role.next_start:
            self._start(role)

    def _report_end(self, role: Role) -> None:
        code = role.process.returncode if role.process else 0
        role.process = None
        if code:
            self.log.say(f"{role.name} {_how_it_ended(code)}; the lines above say why. The site runs on.")


def _how_it_ended(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
