"""``manage.py bench <name>``: one measurement of ``benchmarks/``, printed with what it is compared with.

Without DATABASE_URL it starts a durable database server of its own and deletes it afterwards: a measurement neither
touches the site's data nor shares its server.
"""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from igsite.embedded import EmbeddedServer, remove

INSIDE = "IGSITE_BENCH_INSIDE"  # set for the process that measures on the server made for it


class Command(BaseCommand):
    """Runs a benchmark of this checkout."""

    help = "Measure: `manage.py bench` lists what there is. With DATABASE_URL set, that database is written to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The benchmark's name."""
        parser.add_argument("name", nargs="?", default="", help="which one")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run it."""
        name = options["name"]
        found = pkgutil.iter_modules([str(settings.BASE_DIR / "benchmarks")])
        names = sorted(module.name for module in found if not module.ispkg)
        if not name:
            self.stdout.write("\n".join(names))
        elif name not in names:
            raise CommandError(f"There is no benchmark {name!r}. There are: {', '.join(names)}.")
        elif settings.DATABASE_URL or os.environ.get(INSIDE):
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
            import_module(f"benchmarks.{name}").main(self.stdout)
        else:
            self.stdout.flush()
            self._on_a_server_of_its_own(name)

    def _on_a_server_of_its_own(self, name: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="igsite-bench-"))
        folder.chmod(0o755)  # the server may have to run as another account
        (folder / "static").mkdir()
        server = EmbeddedServer(folder)
        try:
            server.start()
            environment = os.environ | {"IGSITE_STATE_DIR": str(folder), INSIDE: "1"}
            manage = [sys.executable, str(settings.BASE_DIR / "manage.py"), "bench", name]
            code = subprocess.run(manage, env=environment, check=False).returncode
        finally:
            server.stop()
            remove(folder)
            shutil.rmtree(folder, ignore_errors=True)
        if code:
            raise CommandError(f"The benchmark ended with code {code}; the lines above say why.")
