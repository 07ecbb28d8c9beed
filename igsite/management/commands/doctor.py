"""``manage.py doctor``: is everything there that the site needs?"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from igsite.doctor import examine, examine_workspaces

MARKS = {True: "ok", False: "NOT OK", None: "unknown"}


class Command(BaseCommand):
    """Prints each finding; exit code 1 when the site is not well. What people have to do in a workspace is theirs."""

    help = "Look at database, tables, work, live updates, files, vault, mail, logins, sources and proxies."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Examine."""
        is_well, has_tables = True, False
        for finding in examine():
            is_well = is_well and finding.ok is not False
            has_tables = has_tables or (finding.name == "tables" and finding.ok is True)
            self.stdout.write(f"{MARKS[finding.ok]:<8} {finding.name}: {finding.sentence}")
        for workspace, finding in examine_workspaces() if has_tables else ():
            self.stdout.write(f"{MARKS[finding.ok]:<8} {workspace}: {finding.name}: {finding.sentence}")
        if not is_well:
            sys.exit(1)
