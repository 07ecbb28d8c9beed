"""``python -m benchmarks.lists_parts.worker_process <job> <address>``: works one job off, as a worker does."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    """Turn after turn until the job ends."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igsite.settings")
    django.setup()
    from django.test import override_settings

    from igsite.jobs.models import Job
    from igsite.jobs.runner import run_step
    from scans import paging_rules

    uuid, base_url = sys.argv[1:3]
    paging_rules.FLUSH_SECONDS = 0  # type: ignore[misc]  # every page counts as slow
    with override_settings(INSTAGRAM_BASE_URL=base_url, PACE_SCALE=0):
        job = Job.objects.get(uuid=uuid)
        while job.is_open:
            run_step(job.pk)
            job.refresh_from_db()
    sys.exit(job.state != "done")


if __name__ == "__main__":
    main()
