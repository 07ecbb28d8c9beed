"""A sweep's tick of the schedules in a process of its own: ``python -m tests.scans.ticking_process``.

Reads a moment a line (ISO 8601), looks at the schedules as of then, answers with the number of them that it started.
"""

from __future__ import annotations

import sys
from datetime import datetime

import django

if __name__ == "__main__":
    django.setup()
    from scans import schedules

    print("ready", flush=True)
    for line in sys.stdin:
        print(schedules.tick(datetime.fromisoformat(line.strip())), flush=True)
