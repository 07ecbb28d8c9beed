"""``python -m benchmarks.jobs_parts.process cluster|sweep``: the real process, knowing the measured kinds too."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
    import django
    from django.core.management import call_command

    django.setup()
    import benchmarks.jobs_parts.kinds  # noqa: F401 - registers them

    call_command(sys.argv[1])


if __name__ == "__main__":
    main()
