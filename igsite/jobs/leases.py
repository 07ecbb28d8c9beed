"""Leases: who works on a job, until when, and whether that worker still lives.

A lease runs out by itself; a worker of this machine that is seen to be dead loses it at once.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Final

import psutil

LEASE: Final = timedelta(seconds=60)
MAX_ATTEMPTS: Final = 3


@cache
def _place() -> str:
    """This machine and process space: process ids mean something within it only."""
    namespace = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}|{namespace.readlink() if namespace.is_symlink() else ''}"


def me() -> str:
    """The name under which this process holds leases."""
    return _owner(os.getpid())


@cache
def _owner(pid: int) -> str:
    return f"{_place()}|{pid}|{psutil.Process(pid).create_time():.2f}"


def is_surely_dead(owner: str) -> bool:
    """Whether that worker was of this machine and is gone. False when that cannot be known."""
    place, _, rest = owner.rpartition("|")
    place, _, pid = place.rpartition("|")
    if place != _place() or not pid.isdigit():
        return False
    try:
        process = psutil.Process(int(pid))
        return process.status() == psutil.STATUS_ZOMBIE or f"{process.create_time():.2f}" != rest
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def back_off(attempts: int) -> timedelta:
    """How long to leave a job alone after its ``attempts``-th try without progress."""
    return timedelta(seconds=(0, 5, 30, 120)[min(attempts, 3)])
