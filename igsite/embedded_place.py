"""Where the embedded Postgres keeps its files and as whom it runs. Reads only: nothing is made here.

Postgres refuses to run as root. Under root it runs as the owner of an existing data folder, else as ``nobody``; that
account must be able to reach the folder, so a checkout in root's closed home keeps its data under ``/var/lib/igsite``.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

WINDOWS = sys.platform == "win32"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107  # bytes of sun_path, without its final NUL
VAR_LIB = Path("/var/lib/igsite")


class EmbeddedError(RuntimeError):
    """The embedded server cannot run; the text says what to do."""


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server and the account (uid, gid) it runs as; None: the one that starts it."""

    state_dir: Path
    home: Path
    sockets: Path
    account: tuple[int, int] | None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.home / "data"

    @property
    def owner_file(self) -> Path:
        """Locked by the process that runs the server."""
        return self.state_dir / "postgres.lock"

    @property
    def port_file(self) -> Path:
        """Windows only: the port on 127.0.0.1."""
        return self.home / "port"

    @property
    def password_file(self) -> Path:
        """Windows only: the password of both roles."""
        return self.home / "password"


def place_of(state_dir: Path) -> Place:
    """The place that belongs to ``state_dir``: always the same one for the same account and folders."""
    state_dir = Path(os.path.abspath(state_dir))  # noqa: PTH100 - resolve() would follow links that nobody may read
    home = state_dir / "postgres"
    account = None
    if runs_as_root():
        account = _server_account(home)
        if not reachable(state_dir.parent, account):
            home = VAR_LIB / _digest(state_dir)
            account = _server_account(home)
    return Place(state_dir, home, _socket_folder(home, account), account)


def runs_as_root() -> bool:
    """Whether this process is root (never on Windows)."""
    return not WINDOWS and os.geteuid() == 0


def reachable(folder: Path, account: tuple[int, int]) -> bool:
    """Whether the mode bits let ``account`` pass through ``folder`` and all above; missing folders count as open."""
    for step in (folder, *folder.parents):
        try:
            status = step.stat()
        except FileNotFoundError:
            continue
        owner, group = account
        if status.st_uid == owner:
            needed = stat.S_IXUSR
        elif status.st_gid == group:
            needed = stat.S_IXGRP
        else:
            needed = stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True


def _server_account(home: Path) -> tuple[int, int]:
    try:
        status = (home / "data").stat()
    except OSError:
        status = None
    if status is not None and status.st_uid != 0:
        return status.st_uid, status.st_gid
    import pwd

    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedError(
            "Postgres does not run as root and this machine has no account `nobody`. Start igsite as an ordinary user, "
            "or set DATABASE_URL to a Postgres server."
        ) from None
    return entry.pw_uid, entry.pw_gid


def _socket_folder(home: Path, account: tuple[int, int] | None) -> Path:
    folder = home / "run"
    if WINDOWS or len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return folder
    owner = account[0] if account else os.geteuid()
    return Path(f"/tmp/igsite-{owner}-{_digest(home)}")  # noqa: S108 - made 0700 and its owner checked before use


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
