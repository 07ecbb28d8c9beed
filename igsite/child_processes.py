"""Child processes that never outlive their parent, and the ending of whole process groups."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>

if sys.platform == "linux":
    _prctl: Any = ctypes.CDLL(None, use_errno=True).prctl
else:
    _prctl = None


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Linux: the kernel sends ``signal_number`` to this process when the thread that started it ends. Else: nothing."""
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)


def forked_children_die_too() -> None:
    """From here on each process that this one forks is killed when its parent ends: no orphans."""
    if _prctl is None:
        return

    def after_fork() -> None:
        die_with_parent(signal.SIGKILL)

    os.register_at_fork(after_in_child=after_fork)


def _first_act(death_signal: int) -> Callable[[], None]:
    parent = os.getpid()

    def act() -> None:
        die_with_parent(death_signal)
        if os.getppid() != parent:  # the parent was gone before the kernel knew our wish
            os._exit(1)

    return act


def spawn(
    arguments: Sequence[str | Path],
    *,
    output: IO[bytes] | int | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    death_signal: int = signal.SIGTERM,
    account: tuple[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own; on Linux it gets ``death_signal`` when this process dies in any way.

    ``output`` takes stdout and stderr; ``account`` is the (uid, gid) to run as, for a parent that is root. Call it from
    the main thread: the kernel watches the thread, not the process.
    """
    options: dict[str, Any] = {"cwd": folder, "env": dict(environment) if environment is not None else None}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
        if _prctl is not None:
            options["preexec_fn"] = _first_act(death_signal)
        if account is not None:
            options |= {"user": account[0], "group": account[1], "extra_groups": []}
    return subprocess.Popen(
        [str(argument) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        **options,
    )


def kill_group(pid: int) -> None:
    """SIGKILL to the whole group that ``pid`` leads; nothing when it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process has this id (also when it belongs to somebody else). A zombie counts as gone."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait up to ``seconds`` for the process to end; whether it did."""
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
