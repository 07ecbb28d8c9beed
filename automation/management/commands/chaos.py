"""``manage.py chaos actions``: kill, pause and restart a site while it acts; nobody may be hit twice."""

from __future__ import annotations

import os
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from automation.kill_loop import own_site, run


class Command(BaseCommand):
    """Runs the kill loop on a site of its own: neither this site's data nor Instagram is touched."""

    requires_system_checks = []
    help = "Kill workers and roles of a throw-away site at random while it acts on its simulator, and judge its log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long, and which random numbers."""
        parser.add_argument("what", choices=["actions"])
        parser.add_argument("--seconds", type=float, default=600, help="how long it is disturbed (600)")
        parser.add_argument("--every", type=float, default=8, help="at most so many seconds between two disturbances")
        parser.add_argument("--longest-pause", type=float, default=75, help="of a worker or role, in seconds")
        parser.add_argument("--seed", type=int, default=None, help="repeat what was drawn for this seed")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it; exit code 1 when anything did not hold."""
        seed = options["seed"] if options["seed"] is not None else secrets.randbelow(1_000_000)
        inside = os.environ.get(own_site.INSIDE)
        if inside is None:
            arguments = ["chaos", options["what"], f"--seed={seed}"]
            arguments += [f"--seconds={options['seconds']}", f"--every={options['every']}"]
            arguments += [f"--longest-pause={options['longest_pause']}"]
            code = own_site.on_a_site_of_its_own(arguments, pace_percent=run.PACE_PERCENT, say=self._say)
            if code:
                raise CommandError(f"The kill loop with seed {seed} did not hold; the lines above say why.")
            return
        wish = run.Wish(options["seconds"], options["every"], seed, options["longest_pause"])
        if not run.run(wish, site=int(inside), say=self._say):
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
