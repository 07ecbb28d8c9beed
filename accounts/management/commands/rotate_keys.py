"""``manage.py rotate_keys``: new keys for the vault, while the site runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import key_rotation
from accounts.master_key import MasterKeyMissing
from igsite.problems import Problem


class Command(BaseCommand):
    """Changes the master key or the data keys. What was interrupted goes on when it is started again."""

    help = "Change the vault's keys while the site runs. Started again after an interruption it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which keys."""
        parser.add_argument(
            "which",
            choices=("master", "data"),
            help="master: the key that wraps the others; data: those that seal, and everything that they sealed",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Say what is done; end with an error when something stayed as it was."""
        try:
            if options["which"] == "master":
                well = key_rotation.rotate_master(self._say)
            else:
                well = key_rotation.rotate_data(timezone.now(), self._say) == 0
        except (Problem, MasterKeyMissing) as refused:
            raise CommandError(str(refused)) from refused
        if not well:
            raise CommandError("Something stays under its old key: the lines above say what.")
        self._say("done")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
