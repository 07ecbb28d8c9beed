"""A new batch from a list of people: whoever is left out is in it with the reason. Sends nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import InstagramLogin, LoginStatus, Profile, Workspace
from automation import acquaintances, alternatives, comment_texts, safety, write_budgets
from automation.models import ON_POSTS, ActionKind, Batch, Exclusion, Item, ItemState
from automation.models.batches import OPEN_STATES
from automation.models.paces import TIES
from igsite import audit
from igsite.problems import Invalid
from scans.models import Direction

if TYPE_CHECKING:
    from accounts.models import User

#: People that one order may name, and of them those whom a batch may hold.
MOST_NAMED: Final = 10_000
CAP: Final = 500
#: How far ahead a batch may be put.
AHEAD: Final = timedelta(days=60)
#: What does not fit into a week of the login's full budget is left for another batch.
DAYS: Final = 7


class NotStageable(Invalid):
    """The order makes no batch; the message says why. Nothing was changed."""

    code = "not_stageable"


@transaction.atomic
def stage(
    *, workspace: Workspace, login: InstagramLogin, kind: ActionKind, pks: Sequence[int], by: User | None,
    now: datetime, reason: str = "", undoes: Batch | None = None, starts_at: datetime | None = None,
    texts: Mapping[int, str] | None = None,
) -> Batch:  # fmt: skip
    """A batch that waits for its review. Who is named twice is in it once; the order is kept.

    ``pks`` are posts for likes and comments; ``texts`` are the comments, one for each post.
    ``undoes`` is the batch whose follows are taken back. Nothing is sent before ``starts_at``, and who is left out
    for what was done lately is told for that time.

    Raises:
        NotStageable: nobody or too many are named, the login is not this workspace's, or the start is too far ahead.
        comment_texts.TextInvalid: a comment lacks its text.
    """
    named = list(dict.fromkeys(pks))
    if not named or len(named) > MOST_NAMED or min(named) <= 0 or max(named) >= 1 << 63:
        raise NotStageable(_("Name between 1 and %(most)s people.") % {"most": MOST_NAMED})
    if login.workspace_id != workspace.pk or login.status == LoginStatus.REMOVED:
        raise NotStageable(_("This login is not one of the workspace."))
    check_start(starts_at, now)
    written = comment_texts.checked(kind, named, texts or {})
    batch = Batch.objects.create(
        workspace=workspace, login=login, kind=kind, created_by=by, created_at=now,
        undoes=undoes, starts_at=starts_at if starts_at and starts_at > now else None,
    )  # fmt: skip
    why = exclusions(batch, named, max(now, starts_at or now))
    Item.objects.bulk_create(
        Item(
            batch=batch, position=position, target_pk=pk, reason=reason[:200], exclusion=why.get(pk, ""),
            text=written.get(pk, ""),
            state=ItemState.EXCLUDED if pk in why else ItemState.WAITING,
        )
        for position, pk in enumerate(named)
    )  # fmt: skip
    audit.record(by, "batch.staged", batch, workspace=workspace, now=now, details={"kind": kind, "named": len(named)})
    return batch


def check_start(starts_at: datetime | None, now: datetime) -> None:
    """Raises :class:`NotStageable` for a start beyond :data:`AHEAD`."""
    if starts_at is not None and starts_at > now + AHEAD:
        said = _("Choose a start within 60 days.")
        raise NotStageable(said, fields={"starts_at": [said]})


def exclusions(batch: Batch, named: Sequence[int], now: datetime) -> dict[int, Exclusion]:
    """Who of ``named`` is left out at ``now``, and why: the weightiest reason of several. Caps count who is left."""
    found = dict.fromkeys(_elsewhere(batch, named), Exclusion.ELSEWHERE)
    if batch.kind in ON_POSTS:
        return _caps(batch, named, found | safety.exclusions(batch, named, now=now))
    known = dict(Profile.objects.filter(pk__in=named).values_list("pk", "is_private"))
    if batch.kind == ActionKind.FOLLOW:
        found |= {pk: Exclusion.PRIVATE for pk, is_private in known.items() if is_private}
        found |= dict.fromkeys(alternatives.acquainted(batch, named), Exclusion.ALTERNATIVE)
        found |= dict.fromkeys(acquaintances.among(batch.login, Direction.FOLLOWERS, named), Exclusion.FOLLOWS_YOU)
    found |= {pk: Exclusion.NOT_ACCESSIBLE for pk in named if pk not in known}
    found |= safety.exclusions(batch, named, now=now)
    found |= {pk: Exclusion.YOURSELF for pk in named if pk == batch.login.profile_id}
    return _caps(batch, named, found)


def _caps(batch: Batch, named: Sequence[int], found: dict[int, Exclusion]) -> dict[int, Exclusion]:
    left = [pk for pk in named if pk not in found]
    week = write_budgets.pace_of(batch.login).budget(batch.kind)[1] * DAYS
    found |= dict.fromkeys(left[week:], Exclusion.OUTSIDE_BUDGET)
    return found | dict.fromkeys(left[CAP:], Exclusion.CAP)


def _elsewhere(batch: Batch, named: Collection[int]) -> list[int]:
    """Who waits in another batch of the same login, or was sent there and has not been read."""
    others = Item.objects.filter(batch__login=batch.login, target_pk__in=named).exclude(batch=batch)
    # Numbers of posts and of people mean different things; a post may be liked and commented.
    alike = {"batch__kind": batch.kind} if batch.kind in ON_POSTS else {"batch__kind__in": TIES}
    others = others.filter(**alike)
    waiting = others.filter(state=ItemState.WAITING, batch__state__in=OPEN_STATES)
    return list((waiting | others.filter(state=ItemState.ANSWERED)).values_list("target_pk", flat=True))
