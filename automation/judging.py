"""People of whom nobody knows whether the action was carried out: looked at again, or told by somebody who looked.

Nothing here sends anything, and nobody is sent anything again.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from automation.models import Attempt, Item, ItemState
from igsite import audit
from igsite.problems import Conflict

if TYPE_CHECKING:
    from accounts.models import User


class NotUnknown(Conflict):
    """What came of it is known by now."""

    code = "not_unknown"


class NothingSent(Conflict):
    """It was parked without being sent, since nothing that can be read would tell: only a person can."""

    code = "nothing_sent"


def look_again(*, item: Item, by: User | None, now: datetime) -> None:
    """Have the friendship read once more, by the batch's own job or within a minute after it.

    Raises :class:`NotUnknown`, and :class:`NothingSent` of what was parked after a restore.
    """
    if not Attempt.objects.filter(item=item, sent_at__isnull=False).exists():
        raise NothingSent(_("Nothing was sent from here that could be read. Look in the Instagram app, and say it."))
    _move(item, ItemState.ANSWERED, "action.looked_again", by, now)


def it_happened(*, item: Item, by: User | None, now: datetime) -> None:
    """A person saw that it was carried out. Raises :class:`NotUnknown`."""
    _move(item, ItemState.DONE, "action.judged", by, now, _("A person looked: it happened."))


def it_did_not(*, item: Item, by: User | None, now: datetime) -> None:
    """A person saw that it was not. It is not sent again either. Raises :class:`NotUnknown`."""
    _move(item, ItemState.FAILED, "action.judged", by, now, _("A person looked: it did not happen."))


#: What a page offers, by its name in the form.
VERDICTS: Final = {"look": look_again, "happened": it_happened, "not": it_did_not}


def _move(item: Item, state: ItemState, action: str, by: User | None, now: datetime, note: str = "") -> None:
    settled = None if state == ItemState.ANSWERED else now
    with transaction.atomic():
        unknown = Item.objects.filter(pk=item.pk, state=ItemState.UNKNOWN)
        if not unknown.update(state=state, note=note, settled_at=settled):
            raise NotUnknown(_("What came of this is known by now. Look at the report."))
        details = {"target": item.target_pk, "became": str(state)}
        audit.record(by, action, item.batch, workspace=item.batch.workspace, now=now, details=details)
