"""The kinds of jobs that are measured."""

from __future__ import annotations

from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run


@register
class Steps(Kind):
    """``params["steps"]`` steps, each of which commits its cursor."""

    name = "bench.steps"
    label = "Steps"

    def step(self, run: Run) -> Outcome:
        """One commit."""
        reached = run.cursor.get("reached", 0)
        if reached >= run.params["steps"]:
            return Done()
        with run.save(cursor={"reached": reached + 1}, done=reached + 1):
            pass
        return Again()


@register
class Once(Kind):
    """Done in its only step."""

    name = "bench.once"
    label = "Once"

    def step(self, run: Run) -> Outcome:  # noqa: ARG002 - there is nothing to do
        """The end."""
        return Done()
