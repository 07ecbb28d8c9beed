"""``manage.py backup``: one file with everything, from the running site."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from igsite import backup
from igsite.embedded_place import EmbeddedError


class Command(BaseCommand):
    """Writes a backup; the site may run meanwhile."""

    help = "Back the site up into one new file. The master key is not in it: keep a copy of that apart."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, help="the file to make; it must not exist")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Make it and say what is in it."""
        try:
            manifest = backup.make(options["file"].absolute(), timezone.now())
        except (backup.BackupError, EmbeddedError) as error:
            raise CommandError(str(error)) from error
        rows = sum(table.rows for table in manifest.tables.values())
        self.stdout.write(f"{options['file']}: {rows} rows of {len(manifest.tables)} tables")
