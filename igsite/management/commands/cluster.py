"""``manage.py cluster``: the workers."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from igsite.child_processes import forked_children_die_too
from igsite.jobs import results


class Command(BaseCommand):
    """django-q2's cluster, with the connections of a worker, and without orphans."""

    help = "Start the workers that do the jobs. SIGTERM to this process (not to its group) lets running steps finish."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run until stopped."""
        if settings.ROLE == "web":
            raise CommandError("Workers must not use the web's pool of connections. Set IGSITE_ROLE=worker.")
        os.environ["IGSITE_ROLE"] = "worker"  # for processes that start afresh instead of being forked
        forked_children_die_too()
        results.install()
        call_command("qcluster")
