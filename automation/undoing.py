"""Taking back the follows of a batch: a new staged batch, linked to the first, that starts when seven days are over."""

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

#: Whom the batch really followed, or asked. Who was followed before stays so.
TO_UNDO: Final = (ItemState.DONE, ItemState.REQUESTED)


class NothingToUndo(Conflict):
    """The batch followed nobody, or is no batch of follows."""

    code = "nothing_to_undo"


def count(batch: Batch) -> int:
    """How many follows could be taken back; 0 for other kinds of actions."""
    return len(_followed(batch)) if batch.kind == ActionKind.FOLLOW else 0


def earliest(batch: Batch, now: datetime) -> datetime:
    """When the last of them was followed for seven days; ``now`` if that is over."""
    last = Attempt.objects.filter(item__batch=batch, item__state__in=TO_UNDO).aggregate(at=Max("sent_at"))["at"]
    return max(now, last + FOLLOWED_FOR) if last else now


def undo(*, batch: Batch, by: User | None, now: datetime) -> Batch:
    """A staged batch that unfollows whom ``batch`` followed. Raises :class:`NothingToUndo`."""
    pks = _followed(batch) if batch.kind == ActionKind.FOLLOW else []
    if not pks:
        raise NothingToUndo(_("This batch followed nobody: there is nothing to undo."))
    starts_at = earliest(batch, now)
    return staging.stage(
        workspace=batch.workspace, login=batch.login, kind=ActionKind.UNFOLLOW, pks=pks, by=by, now=now, undoes=batch,
        starts_at=starts_at if starts_at > now else None, reason=_("Followed by the batch that is undone"),
    )  # fmt: skip


def _followed(batch: Batch) -> list[int]:
    done = Item.objects.filter(batch=batch, state__in=TO_UNDO).order_by("position")
    return list(done.values_list("target_pk", flat=True))
