"""Batches that nobody confirms are not kept ready for ever: what speaks for and against each person grows old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from automation import batches
from automation.models import Batch, BatchState
from igsite.jobs.housekeeping import each_minute

#: After so long a staged batch is cancelled.
STAGED_FOR: Final = timedelta(days=14)
_AT_ONCE: Final = 20


def expires_at(batch: Batch) -> datetime:
    """When a staged batch is cancelled unless somebody confirms it."""
    return batch.created_at + STAGED_FOR


@each_minute("automation.staged")
def let_expire(now: datetime) -> None:
    """Cancel what waited too long, a few at a time."""
    old = Batch.objects.filter(state=BatchState.STAGED, created_at__lte=now - STAGED_FOR)
    with transaction.atomic():  # locked: whoever confirms in this moment is either first, or told that it is over
        for batch in old.select_for_update(skip_locked=True).order_by("created_at", "pk")[:_AT_ONCE]:
            batches.cancel(batch=batch, by=None, now=now)
            note = _("Nobody confirmed it in 14 days.")
            Batch.objects.filter(pk=batch.pk).update(note=note)
