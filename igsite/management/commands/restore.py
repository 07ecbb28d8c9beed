"""``manage.py restore``: a site out of a backup."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from igsite.backup import BackupError, read
from igsite.embedded import EmbeddedServer
from igsite.embedded_place import EmbeddedError
from igsite.file_locks import FileLock
from igsite.restoring import restore


class Command(BaseCommand):
    """Puts a backup back, while the site is stopped."""

    help = "Restore a backup. Stop the site first; the embedded database is started for as long as it takes."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and whether data may be replaced."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="there is data: back it up, then replace it")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Under the lock of ``manage.py up``."""
        source = options["file"].absolute()
        try:
            manifest = read(source)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"the backup of {manifest.made_at} is whole")
        settings.STATE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(settings.STATE_DIR / "up.lock") as lock:
            if not lock.acquire():
                raise CommandError(f"The site runs (process {lock.holder()}). Stop it first.")
            server = None if settings.DATABASE_URL else EmbeddedServer(settings.STATE_DIR)
            try:
                if server is not None:
                    server.start()
                restore(source, manifest, timezone.now(), self.stdout.write, replace=options["replace"])
            except (BackupError, EmbeddedError) as error:
                raise CommandError(str(error)) from error
            finally:
                connection.close()
                if server is not None:
                    server.stop()
        self.stdout.write("restored; start the site")
