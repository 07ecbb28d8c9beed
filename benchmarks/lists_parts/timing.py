"""How long calls take, and how that stands to a goal."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any


def sizes(default: tuple[int, ...] = (100_000, 1_000_000)) -> list[int]:
    """The lengths to measure: ``IGSITE_BENCH_SIZES`` names others, such as ``100000,5000000``."""
    return [int(text) for text in os.environ.get("IGSITE_BENCH_SIZES", "").split(",") if text] or list(default)


def machine() -> str:
    """What was measured on, for the first line."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"{os.cpu_count()} cores, load {load:.1f} at the start (above the number of cores, times say little)"


def kept(value: float, goal: float) -> str:
    """A goal beside what was measured."""
    return f"{'ok' if value <= goal else 'MISSED'}, goal ≤ {goal:g}"


def quickest(call: Callable[[], Any], times: int = 9) -> float:
    """Milliseconds of the quickest of some calls: what else the machine does is left out."""
    return spread(call, times)[0]


def spread(call: Callable[[], Any], times: int) -> list[float]:
    """Milliseconds of each of some calls, the shortest first."""
    taken = []
    for _time in range(times):
        started = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - started))
    return sorted(taken)
