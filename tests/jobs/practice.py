"""Kinds of jobs to practise on, for tests in this process and in a real cluster."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run


class PracticeError(RuntimeError):
    """What a practice step raises."""


Answer = Outcome | Exception | Callable[[Run], Outcome]


@register
class Counting(Kind):
    """Counts to ``params["to"]``, a unit a step of ``pause`` seconds; its cursor keeps a trace of the commits."""

    name = "practice.count"
    label = "Counting"

    def step(self, run: Run) -> Outcome:
        """One unit."""
        reached = run.cursor.get("reached", 0)
        if reached >= run.params["to"]:
            return Done("Counted.", {"reached": reached, "trace": run.cursor.get("trace", [])})
        time.sleep(run.params.get("pause", 0))
        trace = [*run.cursor.get("trace", []), reached + 1]
        with run.save(cursor={"reached": reached + 1, "trace": trace}, done=reached + 1, total=run.params["to"]):
            pass
        return Again(timedelta(seconds=run.params.get("rest", 0)))


@register
class Answering(Kind):
    """Gives the ``answers`` in turn, one a step: outcomes, exceptions to raise, functions of the run."""

    name = "practice.answer"
    label = "Answering"
    answers: ClassVar[list[Answer]] = []
    ended_with: ClassVar[list[str]] = []
    retried_times: ClassVar[list[str]] = []
    refuses_end: ClassVar[list[Exception]] = []

    @classmethod
    def prepare(cls, *answers: Answer) -> None:
        """Forget what was, and give these answers next."""
        cls.answers[:] = answers
        cls.ended_with.clear()
        cls.retried_times.clear()
        cls.refuses_end.clear()

    def step(self, run: Run) -> Outcome:
        """The next answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(run) if callable(answer) else answer

    def ended(self, job: Job) -> None:
        """Keep the state; or refuse once."""
        if self.refuses_end:
            raise self.refuses_end.pop(0)
        self.ended_with.append(job.state)

    def retried(self, job: Job) -> None:
        """Keep the state."""
        self.retried_times.append(job.state)


@register
class Poison(Kind):
    """Kills the worker that touches it."""

    name = "practice.poison"
    label = "Poison"

    def step(self, run: Run) -> Outcome:  # noqa: ARG002 - it has no time to look
        """The end of this process."""
        os.kill(os.getpid(), signal.SIGKILL)
        return Done()


@register
class Between(Answering):
    """The same, for a kind that goes between the steps of longer jobs."""

    name = "practice.between"
    goes_between = True


class Paced:
    """Reads with a pause behind each, which all that read together have to keep."""

    pause: ClassVar[timedelta] = timedelta(seconds=3)
    next_at: ClassVar[datetime | None] = None
    reads: ClassVar[list[tuple[datetime, str]]] = []

    @classmethod
    def begin(cls) -> None:
        """Forget what was read."""
        cls.next_at = None
        cls.reads.clear()

    @classmethod
    def read(cls, run: Run) -> Outcome:
        """One read, or the pause before it; ``Done`` after ``params["to"]`` of them."""
        if cls.next_at is not None and cls.next_at > run.now():
            return Again(cls.next_at - run.now())
        cls.reads.append((run.now(), run.params["name"]))
        cls.next_at = run.now() + cls.pause
        with run.save(done=run.job.done_units + 1):
            pass
        return Done() if run.job.done_units >= run.params["to"] else Again()


@register
class PacedReading(Kind):
    """A long job that reads."""

    name = "practice.paced"
    label = "Paced"

    def step(self, run: Run) -> Outcome:
        """One read."""
        return Paced.read(run)


@register
class PacedBetween(PacedReading):
    """One that goes between."""

    name = "practice.paced_between"
    goes_between = True
