"""``manage.py up``: the whole site under one supervisor."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from igsite import environment as env
from igsite.starting import CannotStart, Site
from igsite.supervisor import Log


class Command(BaseCommand):
    """Starts database, simulator (demo), workers and web server, and keeps them alive until Ctrl-C or SIGTERM."""

    help = "Start the whole site. Ctrl-C or SIGTERM ends everything; a second Ctrl-C does not wait."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--host", default=env.text("IGSITE_HOST", "127.0.0.1"), help="address (IGSITE_HOST)")
        parser.add_argument("--workers-only", action="store_true", help="no web server here; it runs elsewhere")
        parser.add_argument(
            "--port",
            type=int,
            default=env.number("IGSITE_PORT", 8000, low=1, high=65535),
            help="port (IGSITE_PORT)",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run until stopped."""
        site = Site(options["host"], options["port"], Log(), with_web=not options["workers_only"])
        _stop_on_signals(site)
        try:
            site.start()
            site.run()
        except CannotStart as error:
            raise CommandError(str(error)) from error
        except _Asked:
            pass
        finally:
            site.supervisor.stopping.set()
            site.stop()
        site.log.say("ended; nothing runs on")


class _Asked(BaseException):
    """Told to end before everything had started."""


def _stop_on_signals(site: Site) -> None:
    def stop(number: int, _frame: object) -> None:
        supervisor = site.supervisor
        if supervisor.stopping.is_set():
            supervisor.impatient.set()
            return
        supervisor.stopping.set()
        name = signal.Signals(number).name
        site.log.say(f"ending ({name}): running steps may finish; a second time does not wait")
        if not site.started:
            raise _Asked

    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        signals.append(signal.SIGHUP)
    for number in signals:
        signal.signal(number, stop)
