"""Never twice: how one action is sent at most once, whatever dies when (``docs/automation.md``).

=====  ==========================================================================================================
T1     under the lock of the login's row and of its account's in other workspaces: may it act? was nothing done to the
       target since the look? then the intent is written, with a lease
T2     the intent becomes *sent*, if it is still this worker's and young; the item is no longer waiting from here on
send   one POST, never repeated
T3     *sent* becomes what was answered
=====  ==========================================================================================================

Each is committed before the next begins. :func:`reap` ends what a dead worker left: an intent is void, nothing was
sent; a *sent* is unknown, and the friendship is read. The database keeps one open attempt an item, one a login, and
one that was sent an item, ever; and, of likes and comments, one a post that was not refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import InstagramLogin
from accounts.pace import NotBefore, NotReading
from automation import safety, write_budgets
from automation.models import ON_POSTS, Attempt, AttemptState, Batch, BatchState, Exclusion, Item, ItemState
from automation.models.paces import TIES
from igsite import audit

#: Attempts whose request may still be on the wire.
OPEN: Final = (AttemptState.INTENT, AttemptState.SENT)


@dataclass(frozen=True, slots=True)
class NotWanted:
    """This item is not to be sent (any more): its batch does not run, it is not waiting, or somebody is safe."""


def reserve(
    item_id: int, *, now: datetime, looked_at: datetime | None = None
) -> Attempt | NotBefore | NotReading | NotWanted:
    """T1. Committed when this returns (``RuntimeError`` within a transaction).

    ``looked_at`` is when the look at the target began: if the account did something there since, it is looked at again.
    """
    with transaction.atomic(durable=True):
        batch_id, login_id = Item.objects.values_list("batch_id", "batch__login_id").get(pk=item_id)
        alike = write_budgets.same_account(InstagramLogin.objects.get(pk=login_id))
        locked = InstagramLogin.objects.select_for_update().filter(pk__in=alike).order_by("pk")
        login = {row.pk: row for row in locked}[login_id]
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        item = Item.objects.select_for_update().get(pk=item_id)
        if batch.state != BatchState.RUNNING or item.state != ItemState.WAITING:
            return NotWanted()
        if looked_at is not None and _touched_since(looked_at, item, batch, alike):
            return NotWanted()
        why = safety.exclusion_of(batch, item.target_pk, now=now)
        if why is not None:
            leave_out(item, why, now=now)
            return NotWanted()
        refusal = write_budgets.why_not_now(login, now, batch.kind)
        if refusal is not None:
            return refusal
        if Attempt.objects.filter(login_id__in=alike, state__in=OPEN).exists():  # its lease is over: it is reaped first
            return NotBefore(now + timedelta(seconds=1), _("Another action of this login is under way."))
        write_budgets.spend(login, now)
        lease = now + write_budgets.INTENT_LIVES
        return Attempt.objects.create(
            workspace_id=batch.workspace_id, login=login, item=item, kind=batch.kind, reserved_at=now,
            lease_until=lease, post_pk=item.target_pk if batch.kind in ON_POSTS else None,
        )  # fmt: skip


def _touched_since(moment: datetime, item: Item, batch: Batch, alike: Sequence[UUID]) -> bool:
    """Whether the account did something to the target of ``item`` after ``moment``: another batch, another worker."""
    kinds = ON_POSTS if batch.kind in ON_POSTS else TIES
    there = Attempt.objects.filter(login_id__in=alike, kind__in=kinds, item__target_pk=item.target_pk)
    return there.filter(sent_at__gt=moment).exists()


def mark_sent(attempt: Attempt, *, now: datetime) -> bool:
    """T2. False: the intent is too old, or no longer this worker's; nothing may be sent."""
    with transaction.atomic(durable=True):
        mine = Attempt.objects.filter(pk=attempt.pk, token=attempt.token, state=AttemptState.INTENT)
        lease = now + write_budgets.SEND_WITHIN + write_budgets.ANSWER_WITHIN
        moved = mine.filter(lease_until__gt=now).update(state=AttemptState.SENT, sent_at=now, lease_until=lease)
        if moved:
            Item.objects.filter(pk=attempt.item_id).update(state=ItemState.ANSWERED)
            attempt.sent_at = now
    return bool(moved)


def is_too_late(attempt: Attempt, *, now: datetime) -> bool:
    """Whether this worker was held up after T2: its request would leave outside of what the budget counts on."""
    return attempt.sent_at is None or now > attempt.sent_at + write_budgets.SEND_WITHIN


def answered(attempt: Attempt, state: AttemptState, answer: str, *, now: datetime) -> bool:
    """T3. False: the reaper was faster; what came of it is read all the same."""
    with transaction.atomic(durable=True):
        mine = Attempt.objects.filter(pk=attempt.pk, token=attempt.token, state=AttemptState.SENT)
        moved = mine.update(state=state, ended_at=now, answer=answer[:30])
        if moved:
            _note("action.sent", attempt, {"answer": answer, "sent_at": str(attempt.sent_at)}, now)
    return bool(moved)


def reap(login_id: UUID, *, now: datetime) -> int:
    """End the login's attempts whose lease is over. Sends nothing and reads nothing; returns how many that were."""
    with transaction.atomic():
        over = Attempt.objects.filter(login_id=login_id, lease_until__lte=now)
        voided = over.filter(state=AttemptState.INTENT).update(state=AttemptState.VOID, ended_at=now)
        lost = over.filter(state=AttemptState.SENT).select_for_update(of=("self",)).select_related("item__batch")
        parked = list(lost)
        for attempt in parked:
            _note("action.sent", attempt, {"answer": "lost", "sent_at": str(attempt.sent_at)}, now)
        Attempt.objects.filter(pk__in=[attempt.pk for attempt in parked], state=AttemptState.SENT).update(
            state=AttemptState.UNKNOWN, ended_at=now, answer="lost"
        )
    return voided + len(parked)


def leave_out(item: Item, why: Exclusion, *, now: datetime) -> None:
    """A waiting item is left out, with its reason."""
    Item.objects.filter(pk=item.pk, state=ItemState.WAITING).update(
        state=ItemState.EXCLUDED, exclusion=why, settled_at=now
    )


def settle(attempt: Attempt, state: ItemState, reading: dict[str, object], *, now: datetime) -> None:
    """What a later reading showed of an attempt that is over. Within the caller's transaction."""
    Attempt.objects.filter(pk=attempt.pk).update(reading=reading, read_at=now)
    moved = Item.objects.filter(pk=attempt.item_id, state=ItemState.ANSWERED).update(state=state, settled_at=now)
    if moved:
        _note("action.read", attempt, {"became": str(state), **reading}, now)


def _note(action: str, attempt: Attempt, details: dict[str, object], now: datetime) -> None:
    about = {"kind": attempt.kind, "target": attempt.item.target_pk, "login": str(attempt.login_id)}
    audit.record(None, action, attempt.item.batch, workspace=attempt.workspace, now=now, details=about | details)
