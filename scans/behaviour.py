"""How accounts follow, as five shares that can be laid over each other (the spider chart). Nothing is counted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from accounts.models import TrackedAccount, Workspace
from scans.list_stands import readings_of
from scans.models import Direction, EdgeList, ListBitmap
from scans.people import Reading

#: Accounts in one chart.
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Axis:
    """One spoke: its name and what it is a share of."""

    label: Any
    meaning: Any


AXES: Final = (
    Axis(_("Don’t follow back"), _("of those the account follows")),
    Axis(_("Fans"), _("of its followers: it does not follow them")),
    Axis(_("Mutuals"), _("of everybody on either list")),
    Axis(_("Verified"), _("of those the account follows")),
    Axis(_("Private"), _("of those the account follows")),
)


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole`` people; None when a list that it needs was never read or not worked out yet."""

    part: int | None
    whole: int | None

    @property
    def percent(self) -> float | None:
        """0 to 100 with one decimal; None when unknown or when there is nobody to take a share of."""
        if self.part is None or not self.whole:
            return None
        return round(100 * self.part / self.whole, 1)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One account: a share for each of :data:`AXES`, and how old and complete its two lists are."""

    account: TrackedAccount
    shares: tuple[Share, ...]
    readings: list[Reading]

    @property
    def is_drawable(self) -> bool:
        """Whether every share is known: a shape with a made-up corner would lie."""
        return all(share.percent is not None for share in self.shares)

    @property
    def percents(self) -> list[float]:
        """The corners of the shape."""
        return [share.percent or 0.0 for share in self.shares]


def behaviours(workspace: Workspace, accounts: Sequence[TrackedAccount]) -> list[Behaviour]:
    """Up to ``MOST`` accounts, in the order given, from stored figures: four queries, however many people there are."""
    chosen = list(accounts)[:MOST]
    ids = [account.pk for account in chosen]
    lists = {
        (edges.account_id, edges.direction): edges
        for edges in EdgeList.objects.for_workspace(workspace).filter(account__in=ids, last_seq__gt=0)
    }
    figures = ListBitmap.objects.for_workspace(workspace).filter(edge_list__account__in=ids).defer("bits")
    by_list = {row.pk: row for row in figures}
    readings = readings_of(workspace, ids)
    return [
        Behaviour(
            account,
            _shares(
                lists.get((account.pk, Direction.FOLLOWERS)), lists.get((account.pk, Direction.FOLLOWING)), by_list
            ),
            list(readings[account.pk].values()),
        )
        for account in chosen
    ]


def _shares(
    followers: EdgeList | None, following: EdgeList | None, by_list: dict[int, ListBitmap]
) -> tuple[Share, ...]:
    ours = followers.people_count if followers else None
    theirs = following.people_count if following else None
    mutuals = followers.mutuals_count if followers and following else None
    figures = by_list.get(following.pk) if following else None
    if ours is None or theirs is None or mutuals is None:
        between = (Share(None, theirs), Share(None, ours), Share(None, None))
    else:
        either = ours + theirs - mutuals
        between = (Share(theirs - mutuals, theirs), Share(ours - mutuals, ours), Share(mutuals, either))
    if figures is None:
        return (*between, Share(None, None), Share(None, None))
    return (
        *between,
        Share(figures.verified_count, figures.verified_known),
        Share(figures.private_count, figures.private_known),
    )
