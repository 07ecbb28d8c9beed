"""Taking back what a batch did: a new staged batch, linked to the first. Follows wait until seven days are over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Max
from django.utils.translation import gettext as _

from automation import staging
from automation.models import ActionKind, Attempt, Batch, Item, ItemState
from automation.safety import FOLLOWED_FOR
from igsite.problems import Conflict

if TYPE_CHECKING:
    from accounts.models import User

#: What the batch really did, or asked for. What was so before stays so.
TO_UNDO: Final = (ItemState.DONE, ItemState.REQUESTED)
#: What takes what back. An unfollow or a removal would need the other one to follow again; a comment is deleted in
#: the app: the client of Instagram that is used here has no call for it.
UNDONE_BY: Final = {ActionKind.FOLLOW: ActionKind.UNFOLLOW, ActionKind.LIKE: ActionKind.UNLIKE}


class NothingToUndo(Conflict):
    """The batch did nothing that could be taken back."""

    code = "nothing_to_undo"


def count(batch: Batch) -> int:
    """How many follows or likes could be taken back; 0 for other kinds of actions."""
    return len(_done(batch))


def earliest(batch: Batch, now: datetime) -> datetime:
    """When the last of them was followed for seven days; ``now`` if that is over, and for likes."""
    if batch.kind != ActionKind.FOLLOW:
        return now
    last = Attempt.objects.filter(item__batch=batch, item__state__in=TO_UNDO).aggregate(at=Max("sent_at"))["at"]
    return max(now, last + FOLLOWED_FOR) if last else now


def undo(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """A staged batch that unfollows whom ``batch`` followed, or takes its likes back. :class:`NothingToUndo`."""
    pks = _done(batch)
    if not pks:
        raise NothingToUndo(_("Nothing that this batch did can be taken back: there is nothing to undo."))
    starts_at = earliest(batch, now)
    is_follow = batch.kind == ActionKind.FOLLOW
    return staging.stage(
        workspace=batch.workspace, login=batch.login, kind=UNDONE_BY[ActionKind(batch.kind)], pks=pks, by=by, now=now,
        undoes=batch, starts_at=starts_at if starts_at > now else None,
        reason=_("Followed by the batch that is undone") if is_follow else _("Liked by the batch that is undone"),
    )  # fmt: skip


def _done(batch: Batch) -> list[int]:
    if batch.kind not in UNDONE_BY:
        return []
    done = Item.objects.filter(batch=batch, state__in=TO_UNDO).order_by("position")
    return list(done.values_list("target_pk", flat=True))
