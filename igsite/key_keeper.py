"""Keys that live in memory only: one process keeps them for all processes of this site, until a time or until told.

The supervisor (``manage.py up``) keeps them, or ``manage.py keep_key`` where the processes are started by something
else. Others ask over a Unix socket in a folder that only this account may enter; both ends look who the other one is.
Nothing is written down: when the keeper ends, its keys are gone.

    request   {"do": "put" | "get" | "status" | "forget", …}, one line of JSON
    answer    one line of JSON, keys in base64
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import socket
import socketserver
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from igsite.embedded_place import LONGEST_SOCKET_PATH
from igsite.file_locks import FileLock

POSSIBLE: Final = hasattr(socket, "AF_UNIX") and sys.platform != "win32"
_LONGEST_LINE: Final = 16_384
_PATIENCE: Final = 3.0  # seconds for one question and its answer
_PEER: Final = struct.Struct("3i")  # struct ucred of Linux: process, user, group


class KeeperAway(Exception):
    """Nobody keeps keys here, or not somebody of this account."""


@dataclass(frozen=True, slots=True)
class Held:
    """The names of the keys that are held, and for how many seconds more; None: until told."""

    names: frozenset[str]
    seconds_left: float | None


def boot_clock() -> float:
    """Seconds that go on while the machine sleeps, where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def hold(keys: Mapping[str, bytes], seconds: float | None) -> None:
    """Give keys to the keeper, beside those it has, and say when all of them are forgotten. Raises KeeperAway."""
    coded = {name: base64.b64encode(key).decode("ascii") for name, key in keys.items()}
    _ask({"do": "put", "keys": coded, "seconds": seconds})


def held_key(name: str) -> bytes | None:
    """A key, or None when it is not held. Raises KeeperAway."""
    coded = _ask({"do": "get", "name": name})["key"]
    return None if coded is None else base64.b64decode(coded)


def held() -> Held:
    """What is held. Raises KeeperAway."""
    answer = _ask({"do": "status"})
    return Held(frozenset(answer["names"]), answer["seconds_left"])


def forget(names: Iterable[str] | None = None) -> None:
    """Let these keys go; without names all of them. Raises KeeperAway."""
    _ask({"do": "forget", "names": None if names is None else list(names)})


class Keeper:
    """Keeps keys for the processes of ``state_dir``, on a thread of its own."""

    def __init__(self, state_dir: Path, clock: Callable[[], float] = boot_clock) -> None:
        self._folder = _folder(state_dir)
        self._lock = FileLock(self._folder / "lock")
        self._memory = _Memory(clock)
        self._server: _Server | None = None

    def start(self) -> bool:
        """Serve; False when another process does already, or this system has no Unix sockets."""
        if not POSSIBLE:
            return False
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check(self._folder)
        if not self._lock.acquire():
            return False
        _leave_no_core()
        address = self._folder / "socket"
        address.unlink(missing_ok=True)  # left by a keeper that was killed: the lock says that it is gone
        self._server = _Server(str(address), self._memory)
        address.chmod(0o600)
        threading.Thread(target=self._server.serve_forever, name="key keeper", daemon=True).start()
        return True

    def stop(self) -> None:
        """Forget everything and serve no more."""
        self._memory.forget(None)
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            (self._folder / "socket").unlink(missing_ok=True)
            self._server = None
        self._lock.release()


class _Memory:
    """The keys. What is forgotten is overwritten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._keys: dict[str, bytearray] = {}
        self._until: float | None = None
        self._mutex = threading.Lock()

    def put(self, keys: Mapping[str, bytes], seconds: float | None) -> None:
        with self._mutex:
            self._expire()
            self._keys |= {name: bytearray(key) for name, key in keys.items()}
            self._until = None if seconds is None else self._clock() + seconds

    def get(self, name: str) -> bytes | None:
        with self._mutex:
            self._expire()
            return bytes(self._keys[name]) if name in self._keys else None

    def status(self) -> tuple[list[str], float | None]:
        with self._mutex:
            self._expire()
            return sorted(self._keys), None if self._until is None else self._until - self._clock()

    def forget(self, names: Iterable[str] | None) -> None:
        with self._mutex:
            for name in list(self._keys) if names is None else names:
                self._wipe(name)

    def expire(self) -> None:
        """Forget what is over, also when nobody asks for it."""
        with self._mutex:
            self._expire()

    def _expire(self) -> None:
        if self._until is not None and self._clock() >= self._until:
            for name in list(self._keys):
                self._wipe(name)
            self._until = None

    def _wipe(self, name: str) -> None:
        key = self._keys.pop(name, bytearray())
        key[:] = bytes(len(key))


if POSSIBLE:

    class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
        request_queue_size = 64

        def __init__(self, address: str, memory: _Memory) -> None:
            super().__init__(address, _Conversation)
            self.memory = memory

        def service_actions(self) -> None:
            """Called by the server twice a second."""
            self.memory.expire()

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A question that breaks off is nobody's concern, and its text is not for the log."""

    class _Conversation(socketserver.StreamRequestHandler):
        timeout = _PATIENCE
        server: _Server

        def handle(self) -> None:
            """One question of one process of this account."""
            if _is_one_of_us(self.connection):
                asked = json.loads(self.rfile.readline(_LONGEST_LINE))
                self.wfile.write(json.dumps(_answer(self.server.memory, asked)).encode() + b"\n")


def _answer(memory: _Memory, asked: dict[str, Any]) -> dict[str, Any]:
    match asked:
        case {"do": "put", "keys": dict(coded), "seconds": seconds}:
            memory.put({str(name): base64.b64decode(key) for name, key in coded.items()}, seconds)
            return {}
        case {"do": "get", "name": str(name)}:
            key = memory.get(name)
            return {"key": None if key is None else base64.b64encode(key).decode("ascii")}
        case {"do": "status"}:
            names, left = memory.status()
            return {"names": names, "seconds_left": left}
        case {"do": "forget", "names": names}:
            memory.forget(names)
            return {}
    return {"error": "unknown"}


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    """One question. The folder is looked at first: a key is not handed to whoever else listens under that name."""
    if not POSSIBLE:
        raise KeeperAway("this system has no Unix sockets")
    folder = _folder(settings.STATE_DIR)
    try:
        _check(folder)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(_PATIENCE)
            link.connect(str(folder / "socket"))
            if not _is_one_of_us(link):
                raise KeeperAway("somebody else listens there")
            link.sendall(json.dumps(asked).encode() + b"\n")
            with link.makefile("rb") as answer:
                found: dict[str, Any] = json.loads(answer.readline(_LONGEST_LINE))
                return found
    except (OSError, ValueError) as away:
        raise KeeperAway(str(away)) from away


def _folder(state_dir: Path) -> Path:
    folder = state_dir.absolute() / "keys"
    if len(os.fsencode(folder / "socket")) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(f"/tmp/igsite-keys-{os.geteuid()}-{digest}")  # noqa: S108 - made 0700 and its owner checked before use


def _check(folder: Path) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise KeeperAway(f"{folder} must be a folder that only its owner may enter (chmod 700)")


def _is_one_of_us(link: socket.socket) -> bool:
    """Whether the other end runs under this account. Where the system does not say: the folder's mode is the guard."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    said = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return bool(_PEER.unpack(said)[1] == os.geteuid())


def _leave_no_core() -> None:
    """A crash of this process or of a child must not write its memory to the disk."""
    import resource

    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
