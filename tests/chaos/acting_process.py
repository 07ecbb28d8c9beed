"""``python -m tests.chaos.acting_process <job> <point>``: works a job off until one point of an action kills it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

#: Point of an action → module and function after which it dies.
POINTS = {
    "after T1": ("attempts", "reserve"),
    "after T2": ("attempts", "mark_sent"),
    "after the send": ("execution", "send"),
    "after T3": ("attempts", "answered"),
}


def deadly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, and then SIGKILL for this process."""

    def call(*args: Any, **more: Any) -> Any:
        function(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return call


def main(job_id: str, point: str) -> None:
    """Turn by turn, until it dies."""
    django.setup()
    from automation import attempts, execution
    from igsite.jobs.runner import run_step

    module_name, name = POINTS[point]
    module: Any = {"attempts": attempts, "execution": execution}[module_name]
    setattr(module, name, deadly(getattr(module, name)))
    for _turn in range(50):
        run_step(int(job_id), turn=0.0)
    print("nothing killed it", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
