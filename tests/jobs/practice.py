"""Kinds of jobs to practise on, for tests in this process and in a real cluster."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from typing import ClassVar

from igsite.jobs.kinds import Again, Blocked, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run


class PracticeError(RuntimeError):
    """What a practice step raises."""


@register
class Counting(Kind):
    """Counts to ``params["to"]``, one unit a step, ``pause`` seconds of work each; leaves a trace of every commit."""

    name = "practice.count"
    label = "Counting"

    def step(self, run: Run) -> Outcome:
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
    """Gives the answers in ``answers``, one a step, committing its place; raises those that are exceptions."""

    name = "practice.answer"
    label = "Answering"
    answers: ClassVar[list[Outcome | Exception]] = []
    ended_with: ClassVar[list[str]] = []

    def step(self, run: Run) -> Outcome:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ended(self, job: Job) -> None:
        self.ended_with.append(job.state)


@register
class Poison(Kind):
    """Kills the worker that touches it."""

    name = "practice.poison"
    label = "Poison"

    def step(self, run: Run) -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        return Done()


__all__ = ["Again", "Answering", "Blocked", "Counting", "Done", "Failed", "Poison", "PracticeError", "Wait"]
