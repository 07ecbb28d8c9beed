"""``manage.py assets``: the browser files that npm publishes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from igsite.browser_files import NoBrowserFilesError, install


class Command(BaseCommand):
    """Installs what package-lock.json names."""

    help = "Install the pinned browser files with npm. The site works without them."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """With or without the tests' tools."""
        parser.add_argument("--dev", action="store_true", help="also what only the tests need (axe-core)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Install them unless they stand."""
        try:
            is_new = install(development=options["dev"], say=self.stdout.write)
        except NoBrowserFilesError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("browser files installed" if is_new else "browser files stand")
