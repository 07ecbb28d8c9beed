"""A whole site for a kill loop: its own folder, database, simulator and workers; nothing of it is left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from igsite.embedded import remove
from igsite.ports import free_port

INSIDE = "IGSITE_CHAOS_SITE"  # the supervisor's process, for the process that disturbs
_KEPT_BACK = ("IGSITE_", "DATABASE_URL", "SECRET_KEY")


def on_a_site_of_its_own(arguments: list[str], *, pace_percent: int, say: Callable[[str], None]) -> int:
    """Run this command inside of a fresh site; its exit code. On failure the site's log is kept and named."""
    folder = Path(tempfile.mkdtemp(prefix="igsite-chaos-"))
    folder.chmod(0o711)  # the database may have to run as another account
    log = folder / "site.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_BACK)} | {
        "IGSITE_MODE": "demo", "IGSITE_FILL_DEMO": "0", "IGSITE_STATE_DIR": str(folder / "state"),
        "IGSITE_SIMULATOR_PORT": str(free_port()), "IGSITE_PACE_PERCENT": str(pace_percent),
    }  # fmt: skip
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    with log.open("wb") as output:
        site = subprocess.Popen(
            [*manage, "up", "--workers-only"], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    code = 1
    try:
        if _stands(site, log):
            inside = environment | {INSIDE: str(site.pid), "IGSITE_ROLE": "worker"}
            code = subprocess.run([*manage, *arguments], env=inside, check=False).returncode
    finally:
        site.terminate()
        site.wait()
        remove(folder / "state")
        if code:
            kept = Path(tempfile.gettempdir()) / f"{folder.name}.log"
            shutil.copy(log, kept)
            say(f"the site's log: {kept}")
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _stands(site: subprocess.Popen[bytes], log: Path) -> bool:
    """Wait until the last role was started."""
    for _turn in range(3000):
        if site.poll() is not None:
            return False
        if "sweep started" in log.read_text(errors="replace"):
            return True
        time.sleep(0.1)
    return False
