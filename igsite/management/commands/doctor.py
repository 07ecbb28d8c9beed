"""``manage.py doctor``: is everything there that the site needs?"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from igsite.doctor import examine

MARKS = {True: "ok", False: "NOT OK", None: "unknown"}


class Command(BaseCommand):
    """Prints each finding; exit code 1 when something is wrong."""

    help = "Look at database, tables, work, live updates, files and keys; say what to do about what is wrong."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Examine."""
        is_well = True
        for finding in examine():
            is_well = is_well and finding.ok is not False
            self.stdout.write(f"{MARKS[finding.ok]:<8} {finding.name}: {finding.sentence}")
        if not is_well:
            sys.exit(1)
