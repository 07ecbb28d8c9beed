"""What a restored backup must not do again: what was sent after it was made is in no row of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from automation.models import Batch, BatchState
from igsite.restoring import restored


@receiver(restored)
def hold_batches(now: datetime, **_signal: Any) -> None:  # noqa: ARG001 - the signal's own argument
    """Batches are paused until a person looks; each friendship is read before anything is sent, as always.

    That the last day counts as spent is kept by the rest that every login takes (``accounts/after_restore.py``).
    """
    working = (BatchState.CONFIRMED, BatchState.RUNNING, BatchState.FROZEN)
    note = _("Restored from a backup. Look at what was done meanwhile, then resume.")
    Batch.objects.filter(state__in=working).update(state=BatchState.PAUSED, note=note)
