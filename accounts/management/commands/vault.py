"""``manage.py vault``: how the vault stands; unlock and lock it without a browser."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import vault_lock
from igsite.problems import Problem
from igsite.secrets import Secret


class Command(BaseCommand):
    """Says whether the vault is locked, unlocks it, locks it."""

    help = "Show, unlock or lock the vault. The passphrase is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, and for how long."""
        parser.add_argument("what", choices=("status", "unlock", "lock"))
        parser.add_argument("--minutes", type=int, default=None, help="lock again after so many minutes")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """One act, and how the vault stands after it."""
        minutes = options["minutes"]
        if minutes is not None and minutes < 1:
            raise CommandError("--minutes must be at least 1.")
        try:
            if options["what"] == "unlock":
                vault_lock.unlock(passphrase=_passphrase(), lock_after=minutes, by=None, now=timezone.now())
            elif options["what"] == "lock":
                vault_lock.lock(by=None, now=timezone.now())
        except Problem as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(_sentence(vault_lock.state(timezone.now())))


def _passphrase() -> Secret:
    if sys.stdin.isatty():
        return Secret(getpass.getpass("Passphrase of the vault: "))
    return Secret(sys.stdin.readline().rstrip("\r\n"))


def _sentence(state: vault_lock.State) -> str:
    if not state.has_passphrase:
        return "open: there is no passphrase"
    if state.is_locked:
        return "locked"
    return f"unlocked until {state.locks_at:%Y-%m-%d %H:%M} UTC" if state.locks_at else "unlocked until it is locked"
