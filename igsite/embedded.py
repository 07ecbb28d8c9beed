"""The embedded Postgres: a real server under the state folder, for machines that have none (docs/operations.md).

Several processes share one server: a lock on an owner file elects who runs it, and it ends with that process. The
settings ask only :func:`database_settings`, which starts nothing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, Any

from igsite import child_processes, embedded_binaries
from igsite.embedded_cluster import SUPERUSER, Cluster, create_cluster, server_environment
from igsite.embedded_place import WINDOWS, EmbeddedError, Place, place_of
from igsite.file_locks import FileLock

__all__ = ["EmbeddedError", "EmbeddedServer", "database_settings"]

DATABASE = "site"
ROLE = "site"
START_SECONDS = 60
STOP_SECONDS = 20
MEASURED = (
    "max_connections=80",
    "shared_buffers=192MB",
    "jit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "timezone=UTC",
    "max_wal_size=2GB",
    "log_checkpoints=off",
    "log_line_prefix=%m ",
)
# An acknowledged commit survives a crash (without it 664 to 3,943 were lost in each).
DURABLE = ("synchronous_commit=on",)
# Data of tests is thrown away.
THROWN_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def database_settings(state_dir: Path) -> dict[str, Any]:
    """NAME, USER, HOST, PORT (and PASSWORD on Windows) for Django of the server that belongs to ``state_dir``."""
    place = place_of(state_dir)
    if not WINDOWS:
        return {"NAME": DATABASE, "USER": ROLE, "HOST": str(place.sockets), "PORT": ""}
    known = place.port_file.exists() and place.password_file.exists()
    return {
        "NAME": DATABASE,
        "USER": ROLE,
        "HOST": "127.0.0.1",
        "PORT": place.port_file.read_text().strip() if known else "",
        "PASSWORD": place.password_file.read_text().strip() if known else "",
    }


class EmbeddedServer:
    """The server of one state folder. ``throwaway`` gives up durability and lets the site's role create databases."""

    def __init__(self, state_dir: Path, *, throwaway: bool = False) -> None:
        self.place: Place = place_of(state_dir)
        self.throwaway = throwaway
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = FileLock(self.place.owner_file)

    def start(self, output: IO[bytes] | int | None = None) -> bool:
        """Have the server running and its database ready: True when this process runs it, False when another one does.

        ``output`` takes the server's log (default: ``postgres.log`` in its folder). EmbeddedError, with what to do,
        when it cannot run.
        """
        self._make_folders()
        if not self._lock.acquire():
            self._wait_until_ready()
            return False
        try:
            self._run(output)
        except BaseException:
            self.stop()
            raise
        return True

    def has_died(self) -> bool:
        """Whether this process ran the server and it ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def revive(self, output: IO[bytes] | int | None = None) -> None:
        """Start a server that died again; crash recovery brings back all that was committed. EmbeddedError: not yet."""
        self._run(output)

    def stop(self) -> None:
        """End the server if this process runs it: open transactions are rolled back, everything committed is kept."""
        if self.process is not None:
            _end(self.process)
            self.process = None
        self._lock.release()

    def superuser_dsn(self, database: str = "postgres") -> str:
        """Connection text of the superuser; for this module, backups and tests, never for the site."""
        return self._cluster().dsn(SUPERUSER, database)

    def _cluster(self) -> Cluster:
        return Cluster(self.place, embedded_binaries.Binaries(Path(), "0"))

    def _run(self, output: IO[bytes] | int | None) -> None:
        found = embedded_binaries.find()
        _end_orphan(self.place)
        cluster = Cluster(self.place, embedded_binaries.usable_by(found, self.place))
        create_cluster(cluster)
        arguments: list[str | Path] = [cluster.binaries.program("postgres"), "-D", self.place.data]
        for option in (*MEASURED, *(THROWN_AWAY if self.throwaway else DURABLE), *cluster.listening()):
            arguments += ["-c", option]
        with contextlib.ExitStack() as stack:
            log = output if output is not None else stack.enter_context((self.place.home / "postgres.log").open("ab"))
            self.process = child_processes.spawn(
                arguments,
                output=log,
                environment=server_environment(),
                folder=self.place.home,
                death_signal=signal.SIGINT,
                account=self.place.account,
            )
        self._wait_until_ready()
        cluster.prepare(DATABASE, ROLE, may_create_databases=self.throwaway)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._cluster().answers():
            if self.process is not None and self.process.poll() is not None:
                raise EmbeddedError(f"Postgres ended at its start. {_last_lines(self.place)}")
            if time.monotonic() > deadline:
                where = f"Postgres does not answer at {self.place.sockets} after {START_SECONDS} s."
                raise EmbeddedError(f"{where} {_last_lines(self.place)}")
            time.sleep(0.03)

    def _make_folders(self) -> None:
        place = self.place
        try:
            place.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            place.home.mkdir(parents=True, exist_ok=True)
            if place.account is not None:
                # The server's account passes through the folder without being able to list it.
                place.state_dir.chmod(0o711)
                place.home.parent.chmod(0o711)
                os.chown(place.home, *place.account)
            place.home.chmod(0o700)
            _own_socket_folder(place)
            place.owner_file.touch(mode=0o600)
        except OSError as error:
            raise EmbeddedError(
                f"{error.filename or place.home} cannot be written ({error.strerror}). Give it to this account, "
                "or set IGSITE_STATE_DIR to a folder that it may write."
            ) from error


def _own_socket_folder(place: Place) -> None:
    if WINDOWS:
        return
    owner = place.account[0] if place.account else os.geteuid()
    place.sockets.mkdir(mode=0o700, exist_ok=True)
    status = place.sockets.lstat()
    if place.account is not None and status.st_uid == 0 and not place.sockets.is_symlink():
        os.chown(place.sockets, *place.account, follow_symlinks=False)
    elif place.sockets.is_symlink() or status.st_uid != owner:
        raise EmbeddedError(f"{place.sockets} belongs to somebody else. Remove it, or shorten IGSITE_STATE_DIR.")
    place.sockets.chmod(0o700)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown, then immediate, then by force."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (getattr(signal, "SIGQUIT", signal.SIGTERM), 5)):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM if WINDOWS else number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    if process.poll() is None:
        child_processes.kill_group(process.pid)
        process.wait()


def _end_orphan(place: Place) -> None:
    """A server whose owner died without it (possible where the kernel does not tell children) is asked to end."""
    try:
        pid, folder = (place.data / "postmaster.pid").read_text().split("\n")[:2]
    except (OSError, ValueError):
        return
    if Path(folder) == place.data and _is_postgres(int(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGTERM if WINDOWS else signal.SIGINT)
        if not child_processes.wait_until_gone(int(pid), STOP_SECONDS):
            raise EmbeddedError(f"Another Postgres (process {pid}) uses {place.data} and does not end. End it first.")


def _is_postgres(pid: int) -> bool:
    import psutil

    with contextlib.suppress(psutil.Error):
        return "postgres" in psutil.Process(pid).name()
    return False


def _last_lines(place: Place) -> str:
    try:
        lines = (place.home / "postgres.log").read_text(errors="replace").strip().splitlines()[-5:]
    except OSError:
        return "Its log says why."
    return "Its log ends with:\n  " + "\n  ".join(lines) if lines else "Its log is empty."


def remove(state_dir: Path) -> None:
    """Delete a stopped server with all its data: for throwaway state folders."""
    place = place_of(state_dir)
    shutil.rmtree(place.home, ignore_errors=True)
    shutil.rmtree(place.sockets, ignore_errors=True)
