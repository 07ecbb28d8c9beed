"""The tests' own Postgres and environment. Imported before Django's settings are.

The first process makes a state folder and later starts an embedded server in it; parallel workers inherit both through
the environment. With DATABASE_URL set, that server is used instead.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from igsite.embedded import EmbeddedServer, database_settings, remove

PREFIX = "igsite-tests-"
STALE_AFTER_SECONDS = 6 * 3600


class TestDatabase:
    """Where the tests' data lives; ``start`` and ``stop`` act only in the process that made it."""

    __test__ = False

    def __init__(self) -> None:
        self.is_owner = "PYTEST_XDIST_WORKER" not in os.environ
        self.server: EmbeddedServer | None = None
        if self.is_owner:
            os.environ["IGSITE_STATE_DIR"] = tempfile.mkdtemp(prefix=PREFIX)
            atexit.register(self.stop)  # also when collecting fails, where pytest calls no hook
        self.state_dir = Path(os.environ["IGSITE_STATE_DIR"])
        os.environ |= {"IGSITE_MODE": "test", "IGSITE_ROLE": "command", "DJANGO_SETTINGS_MODULE": "igsite.settings"}
        (self.state_dir / "static").mkdir(exist_ok=True)
        if not os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = _url(database_settings(self.state_dir))
            self.server = EmbeddedServer(self.state_dir, throwaway=True)

    def start(self) -> None:
        """Start the server unless DATABASE_URL named one."""
        if self.server is not None:
            self.server.start()

    def stop(self) -> None:
        """End it and delete everything, and what killed test runs left behind."""
        if self.server is not None:
            self.server.stop()
        remove(self.state_dir)
        shutil.rmtree(self.state_dir, ignore_errors=True)
        for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            if time.time() - left.stat().st_mtime > STALE_AFTER_SECONDS:
                remove(left)
                shutil.rmtree(left, ignore_errors=True)


def _url(database: dict[str, str]) -> str:
    if database["HOST"].startswith("/"):
        return f"postgresql://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
