"""What scans leave behind in rare cases, cleared at night."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from igsite.jobs.housekeeping import nightly
from scans import staging
from scans.models import ListScan
from scans.models.runs import OPEN_STATES


@nightly("scans.staging")
def clear_staging(now: datetime) -> None:  # noqa: ARG001 - the registry's signature
    """Drop staged people of lists that are not being read: their account went while a worker wrote."""
    staged = staging.all_staged()
    reading = set(ListScan.objects.filter(pk__in=staged, state__in=OPEN_STATES).values_list("pk", flat=True))
    for list_scan_id in sorted(staged - reading):
        with transaction.atomic():
            staging.drop(list_scan_id)
