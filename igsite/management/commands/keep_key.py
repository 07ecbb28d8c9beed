"""``manage.py keep_key``: keeps the vault's key in memory where ``manage.py up`` does not run."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from igsite.key_keeper import Keeper, KeeperAway


class Command(BaseCommand):
    """Waits for keys and hands them to the site's processes, until SIGTERM or Ctrl-C; then they are forgotten."""

    help = "Keep the vault's key in memory for the processes of this state folder. `manage.py up` does that by itself."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Serve until told to end."""
        ending = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ending.set())
        keeper = Keeper(settings.STATE_DIR)
        try:
            serves = keeper.start()
        except (KeeperAway, OSError) as error:
            raise CommandError(f"The key cannot be kept here: {error}") from error
        if not serves:
            raise CommandError("Another process keeps the key already, or this system has no Unix sockets.")
        self.stdout.write("ready: unlock the vault in the settings, or by `manage.py vault unlock`")
        self.stdout.flush()
        ending.wait()
        keeper.stop()
