"""``python -m tests.chaos.measuring_process <job>``: turns of one reading job for as long as it lives, as a worker."""

from __future__ import annotations

import sys

import django


def main(job_id: int) -> None:
    """Turns, one after the other."""
    django.setup()
    from igsite.jobs.runner import run_step

    print("measuring", flush=True)
    while True:
        run_step(job_id)


if __name__ == "__main__":
    main(int(sys.argv[1]))
