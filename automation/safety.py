"""Who must not be touched: looked up when a batch is staged, and once more in the moment before each action."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from automation import write_budgets
from automation.models import (
    ON_POSTS,
    ActionKind,
    Attempt,
    AttemptState,
    Batch,
    Exclusion,
    Safelist,
    SafelistEntry,
)

#: Nobody is unfollowed before they were followed for so long, and nobody is followed again within the second span.
FOLLOWED_FOR: Final = timedelta(days=7)
NOT_AGAIN: Final = timedelta(days=90)
#: Taking a like back touches nobody, so that no list keeps it away.
_SAFE_FROM: Final = {
    ActionKind.FOLLOW: Safelist.DO_NOT_FOLLOW,
    ActionKind.UNFOLLOW: Safelist.NEVER_UNFOLLOW,
    ActionKind.REMOVE: Safelist.NEVER_UNFOLLOW,
    ActionKind.LIKE: Safelist.DO_NOT_FOLLOW,
    ActionKind.COMMENT: Safelist.DO_NOT_FOLLOW,
}


def exclusions(batch: Batch, pks: Collection[int], *, now: datetime) -> dict[int, Exclusion]:
    """Those of ``pks`` who are safe from ``batch``, with the reason. Two queries however many they are.

    For likes and comments ``pks`` are posts; who wrote them is known only when one is looked at (:func:`is_safe`).
    """
    if batch.kind in ON_POSTS:
        return dict.fromkeys(_done_before(batch, pks), Exclusion.DONE_BEFORE)
    safe = SafelistEntry.objects.for_workspace(batch.workspace_id).filter(
        safelist=safelist_of(batch), target_pk__in=pks
    )
    found = dict.fromkeys(_followed_lately(batch, pks, now), Exclusion.RECENTLY)
    return found | dict.fromkeys(safe.values_list("target_pk", flat=True), Exclusion.SAFELIST)


def safelist_of(batch: Batch) -> Safelist | None:
    """The safelist that keeps ``batch`` away from people; None: none does."""
    return _SAFE_FROM.get(ActionKind(batch.kind))


def exclusion_of(batch: Batch, pk: int, *, now: datetime) -> Exclusion | None:
    """The same for one."""
    return exclusions(batch, [pk], now=now).get(pk)


def is_safe(batch: Batch, person_pk: int) -> bool:
    """Whether this person is on the safelist that keeps ``batch`` away."""
    entries = SafelistEntry.objects.for_workspace(batch.workspace_id)
    return entries.filter(safelist=safelist_of(batch), target_pk=person_pk).exists()


def _done_before(batch: Batch, pks: Collection[int]) -> list[int]:
    """Posts at which the account did this before, or may have."""
    alike = write_budgets.same_account(batch.login)
    sent = Attempt.objects.filter(login_id__in=alike, kind=batch.kind, post_pk__in=pks, sent_at__isnull=False)
    return list(sent.exclude(state=AttemptState.FAILED).values_list("item__target_pk", flat=True))


def _followed_lately(batch: Batch, pks: Collection[int], now: datetime) -> list[int]:
    if batch.kind == ActionKind.REMOVE:
        return []
    since = now - (NOT_AGAIN if batch.kind == ActionKind.FOLLOW else FOLLOWED_FOR)
    alike = write_budgets.same_account(batch.login)
    sent = Attempt.objects.filter(login_id__in=alike, kind=ActionKind.FOLLOW, sent_at__gt=since)
    # Whoever was refused was not followed.
    return list(sent.filter(item__target_pk__in=pks).exclude(state=AttemptState.FAILED).values_list(
        "item__target_pk", flat=True
    ))  # fmt: skip
