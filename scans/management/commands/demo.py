"""``manage.py demo``: fill an empty demo. ``manage.py up`` runs it behind the running site."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from igsite import environment
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock, run_inline
from scans import demo


class Command(BaseCommand):
    """Seeds the demo, or moves its clock."""

    help = (
        "Fill an empty demo with a log-in, a login of the simulator, accounts and scans. Running it again is no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and who does the work."""
        parser.add_argument("--inline", action="store_true", help="do the jobs in this process, without workers")
        parser.add_argument("--advance-days", type=float, default=0, help="only move the simulator's clock by so much")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Seed, or move the clock."""
        if settings.MODE != "demo":
            raise CommandError("This site is no demo: set IGSITE_MODE=demo.")
        control = environment.text("IGSITE_SIMULATOR_CONTROL")
        if control:
            control = environment.loopback_url("IGSITE_SIMULATOR_CONTROL", control)
        if options["advance_days"]:
            if not control:
                raise CommandError("Set IGSITE_SIMULATOR_CONTROL to the address of the simulator's control.")
            demo.advance(control, options["advance_days"])
            return
        try:
            demo.seed(finish=_inline if options["inline"] else demo.wait, control_url=control, say=self.stdout.write)
        except demo.DemoStuck as stuck:
            raise CommandError(str(stuck)) from stuck


def _inline(jobs: Iterable[Job]) -> None:
    """Jobs in the order in which their lane would take them; waits are skipped by a clock of their own."""
    clock = ManualClock(timezone.now())
    for job in sorted(jobs, key=lambda job: (job.due_at, job.pk)):
        run_inline(job, clock=clock)
