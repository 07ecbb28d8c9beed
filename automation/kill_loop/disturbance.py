"""What is done to the site: processes are killed or paused, the database is restarted, answers are lost."""

from __future__ import annotations

import contextlib
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from django.db import DatabaseError, InterfaceError, connection

from automation import batches
from automation.kill_loop.cast import Control
from igsite.embedded_place import place_of
from igsite.jobs.models import Job

#: Paths of what the cast sends.
WRITES = "friendships/(create|remove_follower)/|media/[^/]+/(like|comment)/"
_GONE = (psutil.NoSuchProcess, psutil.AccessDenied, DatabaseError, InterfaceError, OSError)


@dataclass
class Disturber:
    """One who disturbs, at random but repeatable. ``site`` is the supervisor's process, ``folder`` the site's state."""

    site: int
    folder: Path
    control: Control
    chance: random.Random
    longest_pause: float
    done: Counter[str] = field(default_factory=Counter)
    paused: list[tuple[float, psutil.Process]] = field(default_factory=list)

    def disturb(self) -> None:
        """One disturbance."""
        self.wake()
        acts: list[tuple[int, str, Callable[[], bool]]] = [
            (8, "worker at an action killed", lambda: self._kill(self.at_work())),
            (4, "worker at an action paused", lambda: self._pause(self.at_work())),
            (2, "worker killed", lambda: self._kill(self._titled(" idle", " processing"))),
            (1, "pusher or monitor killed", lambda: self._kill(self._titled(" pusher", " monitor"))),
            (1, "head of the cluster killed", lambda: self._kill(self._heads())),
            (1, "sweep killed", lambda: self._kill(self._titled("manage.py sweep"))),
            (1, "sweep paused", lambda: self._pause(self._titled("manage.py sweep"))),
            (1, "database restarted", self._restart_database),
            (2, "answer lost", self._lose_an_answer),
        ]
        _weight, name, act = self.chance.choices(acts, [weight for weight, _name, _act in acts])[0]
        with contextlib.suppress(*_GONE):
            if act():
                self.done[name] += 1

    def wake(self, *, everybody: bool = False) -> None:
        """Let those go on whose pause is over."""
        now = time.monotonic()
        for until, process in list(self.paused):
            if everybody or until <= now:
                self.paused.remove((until, process))
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGCONT)

    def at_work(self) -> list[psutil.Process]:
        """The workers that hold an action's job now."""
        connection.close_if_unusable_or_obsolete()
        owners = Job.objects.held().filter(kind=batches.RUN).values_list("lease_owner", flat=True)
        ids = {int(owner.rsplit("|", 2)[1]) for owner in owners if owner.count("|") >= 2}
        return [process for process in self._all() if process.pid in ids]

    def _all(self) -> list[psutil.Process]:
        return psutil.Process(self.site).children(recursive=True)

    def _titled(self, *words: str) -> list[psutil.Process]:
        return [process for process in self._all() if any(word in " ".join(process.cmdline()) for word in words)]

    def _heads(self) -> list[psutil.Process]:
        """The cluster's main process and the one that guards its workers."""
        mains = [process for process in psutil.Process(self.site).children() if "cluster" in process.cmdline()]
        return [*mains, *(child for main in mains for child in main.children())]

    def _kill(self, processes: list[psutil.Process]) -> bool:
        if processes:
            self.chance.choice(processes).kill()
        return bool(processes)

    def _pause(self, processes: list[psutil.Process]) -> bool:
        if processes:
            process = self.chance.choice(processes)
            process.suspend()
            self.paused.append((time.monotonic() + self.chance.uniform(0.5, self.longest_pause), process))
        return bool(processes)

    def _restart_database(self) -> bool:
        """As a machine that loses its power does; the supervisor starts it again."""
        pid = int((place_of(self.folder).data / "postmaster.pid").read_text().split()[0])
        psutil.Process(pid).send_signal(signal.SIGQUIT)
        return True

    def _lose_an_answer(self) -> bool:
        """The next write is done, and its answer never comes."""
        kind = self.chance.choice(["reset_after", "reset"])
        self.control.ask("faults", {"path": WRITES, "kind": kind, "count": 1})
        return True
