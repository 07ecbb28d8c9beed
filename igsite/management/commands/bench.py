"""``manage.py bench <name>``: one measurement of ``benchmarks/``, printed with what it is compared with."""

from __future__ import annotations

import pkgutil
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Runs a benchmark of this checkout."""

    help = "Measure: `manage.py bench` lists what there is. Benchmarks write into the database; use a spare one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The benchmark's name."""
        parser.add_argument("name", nargs="?", default="", help="which one")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it."""
        names = sorted(module.name for module in pkgutil.iter_modules([str(settings.BASE_DIR / "benchmarks")]))
        if not options["name"]:
            self.stdout.write("\n".join(names))
            return
        if options["name"] not in names:
            raise CommandError(f"There is no benchmark {options['name']!r}. There are: {', '.join(names)}.")
        import_module(f"benchmarks.{options['name']}").main(self.stdout)
