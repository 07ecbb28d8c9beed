"""The review of a staged batch: leaving people out, taking them in again as far as nothing speaks against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from automation import safelisting, safety, staging, write_budgets
from automation.batches import BatchConflict
from automation.models import ON_POSTS, Batch, BatchState, Exclusion, Item, ItemState, Safelist
from igsite import audit

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class TakenIn:
    """How many were taken in, and why how many were not."""

    count: int
    refused: dict[Exclusion, int]


def counts(batch: Batch) -> dict[str, int]:
    """How many people are in which state, every state named."""
    found = Item.objects.filter(batch=batch).values_list("state").annotate(Count("pk"))
    return dict.fromkeys(ItemState.values, 0) | dict(found)


def reasons(batch: Batch) -> list[tuple[Exclusion, int]]:
    """Why how many are left out, the most frequent first."""
    found = Item.objects.filter(batch=batch, state=ItemState.EXCLUDED).values_list("exclusion")
    rows = found.annotate(many=Count("pk")).order_by("-many", "exclusion")
    return [(Exclusion(why), many) for why, many in rows]


def leave_out(*, batch: Batch, items: Collection[int] | None, by: User | None, now: datetime) -> int:
    """Leave these people out, or all (None); returns how many. Raises :class:`BatchConflict` once it is confirmed."""
    with _staged(batch) as row:
        chosen = _chosen(row, items).filter(state=ItemState.WAITING)
        count = chosen.update(state=ItemState.EXCLUDED, exclusion=Exclusion.BY_HAND, settled_at=now)
        _note(by, "batch.left_out", row, now, count)
    return count


def make_safe(*, batch: Batch, items: Collection[int], by: User | None, now: datetime) -> tuple[Safelist, int]:
    """Put these people on the safelist that keeps batches like this one away, and leave them out.

    Returns the list and how many were not on it. Raises :class:`BatchConflict` once the batch is confirmed, or where
    its targets are posts, and :class:`safelisting.TooManySafe`.
    """
    with _staged(batch) as row:
        which = safety.safelist_of(row)
        if row.kind in ON_POSTS or which is None:
            raise BatchConflict(_("Posts are on no safelist. Put who wrote them on it, from their own page."))
        chosen = _chosen(row, items)
        people = dict.fromkeys(chosen.values_list("target_pk", flat=True), "")
        count = safelisting.add(workspace=row.workspace, which=which, people=people, by=by, now=now) if people else 0
        chosen.update(state=ItemState.EXCLUDED, exclusion=Exclusion.SAFELIST, settled_at=now)
        _note(by, "batch.left_out", row, now, len(people))
    return which, count


def take_in(*, batch: Batch, items: Collection[int] | None, by: User | None, now: datetime) -> TakenIn:
    """Take these people in again, or all (None), as far as nothing speaks against it now.

    Whoever is safelisted, or left out for another reason that still holds, stays out with that reason. Raises
    :class:`BatchConflict` once the batch is confirmed.
    """
    with _staged(batch) as row:
        chosen = list(_chosen(row, items).filter(state=ItemState.EXCLUDED).order_by("position"))
        pks = [item.target_pk for item in chosen]
        why = staging.exclusions(row, pks, max(now, row.starts_at or now))
        room = min(staging.CAP, write_budgets.pace_of(row.login).budget(row.kind)[1] * staging.DAYS)
        room -= Item.objects.filter(batch=row, state=ItemState.WAITING).count()
        free = [item for item in chosen if item.target_pk not in why]
        why |= {item.target_pk: Exclusion.CAP for item in free[max(0, room) :]}
        for item in chosen:
            reason = why.get(item.target_pk)
            item.state = ItemState.WAITING if reason is None else ItemState.EXCLUDED
            item.exclusion = reason or ""
            item.settled_at = None if reason is None else now
        Item.objects.bulk_update(chosen, ["state", "exclusion", "settled_at"], batch_size=500)
        taken = len(chosen) - len(why)
        _note(by, "batch.taken_in", row, now, taken)
    return TakenIn(taken, dict(Counter(why.values())))


def _chosen(batch: Batch, items: Collection[int] | None) -> QuerySet[Item]:
    mine = Item.objects.filter(batch=batch)
    return mine if items is None else mine.filter(pk__in=items)


def _note(by: User | None, action: str, row: Batch, now: datetime, count: int) -> None:
    audit.record(by, action, row, workspace=row.workspace, now=now, details={"count": count})


@contextmanager
def _staged(batch: Batch) -> Iterator[Batch]:
    """The row, locked, while it still waits for its confirmation."""
    with transaction.atomic():
        row = Batch.objects.select_for_update(of=("self",)).select_related("workspace", "login").get(pk=batch.pk)
        if row.state != BatchState.STAGED:
            raise BatchConflict(_("This batch was confirmed or cancelled already: who is in it stays as it is."))
        yield row
