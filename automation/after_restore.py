"""What a restored backup must not do again: what was sent after it was made is in no row of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from automation.models import Batch, BatchState, Item, ItemState, RestoreGap
from igsite.restoring import restored


@receiver(restored)
def hold_batches(made_at: datetime, now: datetime, **_signal: Any) -> None:
    """Batches are paused until a person looks; each friendship is read before anything is sent, as always.

    From when to when nothing is known is kept for what one reading does not prove (:func:`unrecorded_since`). That the
    last day counts as spent is kept by the rest that every login takes (``accounts/after_restore.py``).
    """
    RestoreGap.objects.create(made_at=made_at, restored_at=now)
    working = (BatchState.CONFIRMED, BatchState.RUNNING, BatchState.FROZEN)
    note = _("Restored from a backup. Look at what was done meanwhile, then resume.")
    Batch.objects.filter(state__in=working).update(state=BatchState.PAUSED, note=note)


def unrecorded_since(item: Item, taken_at: datetime | None) -> datetime | None:
    """Since when the login may have done something at the post of which the row was lost; None: nothing is missing.

    ``taken_at`` is when the post was made, None if nobody knows. Nothing is missing once a person looked after the
    restore and said that it did not happen.
    """
    gap = RestoreGap.objects.since(taken_at)
    if gap is None:
        return None
    since, until = gap
    alike = Item.objects.filter(batch__login=item.batch.login_id, batch__kind=item.batch.kind, target_pk=item.target_pk)
    told = alike.filter(state=ItemState.FAILED, attempts=None, settled_at__gt=until)
    return None if told.exists() else since
