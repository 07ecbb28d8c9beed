"""``manage.py sweep``: wakes what is due, rescues what is dead."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from igsite.jobs.sweep import Sweep


class Command(BaseCommand):
    """The sweep's process."""

    help = "Ring for jobs that become due, and rescue those whose worker died. Runs until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run until stopped."""
        if settings.ROLE == "web":
            raise CommandError("The sweep must not use the web's pool of connections. Set IGSITE_ROLE=worker.")
        sweep = Sweep()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: sweep.stop())
        sweep.run()
