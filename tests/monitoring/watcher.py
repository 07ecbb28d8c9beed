"""A person who monitors accounts of the simulator, and the worker that measures them on a clock that is moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import source_health
from accounts.models import InstagramLogin
from igsite.jobs.models import Job
from igsite.jobs.runner import run_step
from monitoring import acts, measurement_rows, measuring_orders
from monitoring.measurement_rows import Row
from monitoring.models import Monitor, MonitorKind
from monitoring.targets import Target, target_in
from tests.accounts.instagram import Instagram

SMALL = "tiny.pottery"
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Watcher:
    """Monitors through the real job path against the simulator."""

    instagram: Instagram
    login: InstagramLogin

    def watch(self, what: str = f"@{SMALL}", seconds: int = 3_600, **more: Any) -> Monitor:
        """A monitor that is due now; nothing is read yet."""
        rhythm = acts.Rhythm(
            seconds, **{name: more.pop(name) for name in ("jitter_percent", "opens", "closes") if name in more}
        )
        return acts.create(
            workspace=self.instagram.workspace, target=target_in(what), rhythm=rhythm, by=self.instagram.person,
            now=self.now(), **more,
        )  # fmt: skip

    def watch_post(self, code: str, seconds: int = 3_600) -> Monitor:
        """A monitor of a post."""
        return acts.create(
            workspace=self.instagram.workspace, target=Target(MonitorKind.POST, code), rhythm=acts.Rhythm(seconds),
            by=self.instagram.person, now=self.now(),
        )  # fmt: skip

    def now(self) -> datetime:
        return self.instagram.clock()

    def job(self) -> Job:
        """The login's reading job, open or ended."""
        return Job.objects.filter(kind=measuring_orders.READ).latest("pk")

    def work(self, *, turns: int = 50) -> None:
        """Turns of the reading jobs, and of probes of the source, that are due now, until none is."""
        for _turn in range(turns):
            due = (
                Job.objects.claimable(self.now())
                .filter(kind__in=(measuring_orders.READ, source_health.PROBE))
                .order_by("pk")
            )
            job = due.first()
            if job is None:
                return
            run_step(job.pk, clock=self.instagram.clock)
        raise AssertionError("the reading job does not come to rest")

    def pass_time(self, by: timedelta, *, in_world: bool = True) -> None:
        """The clock of the site moves, and that of the world with it."""
        self.instagram.clock.move(by)
        if in_world:
            self.instagram.simulator.control("clock", {"advance_seconds": by.total_seconds()})

    def minute(self) -> None:
        """What the sweep does each minute."""
        measuring_orders.look_after_all(self.now())
        source_health.look_at_due(self.now())

    def live_on(self, span: timedelta, step: timedelta) -> None:
        """Time goes by in steps, and at each the sweep and the worker do what is due."""
        until = self.now() + span
        while self.now() < until:
            self.pass_time(step)
            self.minute()
            self.work()

    def posts_of(self, name: str = SMALL) -> list[str]:
        """The short codes of an account's posts, newest first, as a source lists them."""
        from accounts import connect

        with connect.gateway_for(self.login, clock=self.instagram.clock) as gateway:
            return [post.code for post in gateway.posts(gateway.profile_by_username(name).pk).posts]


def rows(monitor: Monitor) -> list[Row]:
    """Every row of a monitor, oldest first."""
    return measurement_rows.newest(monitor.pk, before=FOREVER, limit=100_000)[::-1]
