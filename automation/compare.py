"""Left-right comparison: which of the right accounts follow each of the left ones.

A list that was scanned completely not long ago serves as it is; the others are read by a job within the login's budget.
Where a list is not known whole, "does not follow" is never said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from accounts import connect
from accounts.models import InstagramLogin, LoginStatus, Profile, Workspace
from automation.models import ComparedAccount, ComparedPair, Comparison, ListReading, Side
from igsite import audit
from igsite.jobs import runner
from igsite.problems import Invalid
from scans.models import Direction, EdgeList, ListScan

if TYPE_CHECKING:
    from accounts.models import User

COMPARE: Final = "actions.compare"
MOST_LEFT, MOST_RIGHT = 50, 500
#: A complete list that is younger is not read again.
FRESH: Final = timedelta(days=7)
#: Pages read of one list; what is behind them stays unknown.
PAGES: Final = 150


class NotComparable(Invalid):
    """The order makes no comparison; the message says why."""

    code = "not_comparable"


@dataclass(frozen=True, slots=True)
class RightRow:
    """A right account: whom of the left ones it follows, and of how many that is not known."""

    account: ComparedAccount
    follows: list[ComparedAccount]
    unknown: int


def prepare(
    *, workspace: Workspace, login: InstagramLogin | None, lefts: Sequence[int], rights: Sequence[int],
    by: User | None, now: datetime,
) -> Comparison:  # fmt: skip
    """A comparison: from stored lists at once, the others read by a job of ``login``.

    Raises:
        NotComparable: too few or too many accounts, or lists have to be read and no login is named.
    """
    left, right = list(dict.fromkeys(lefts)), list(dict.fromkeys(rights))
    if not 1 <= len(left) <= MOST_LEFT or not 1 <= len(right) <= MOST_RIGHT:
        raise NotComparable(
            _("Name 1 to %(left)s accounts on the left and 1 to %(right)s on the right.")
            % {"left": MOST_LEFT, "right": MOST_RIGHT}
        )
    if login is not None and (login.workspace_id != workspace.pk or login.status == LoginStatus.REMOVED):
        raise NotComparable(_("This login is not one of the workspace."))
    with transaction.atomic():
        found = Comparison.objects.create(
            workspace=workspace, login=login, left_count=len(left), right_count=len(right), created_by=by,
            created_at=now,
        )  # fmt: skip
        stored = _stored(workspace, left, now)
        _name(found, left, right, stored)
        _match_stored(found, {list_id: pk for pk, (list_id, _as_of, _seen) in stored.items()}, right)
        _order_reading(found, len(left) - len(stored), by, now)
        details = {"left": len(left), "right": len(right), "stored": len(stored)}
        audit.record(by, "comparison.prepared", found, workspace=workspace, now=now, details=details)
    return found


def rows(comparison: Comparison, rights: Sequence[ComparedAccount]) -> list[RightRow]:
    """What is known of these right accounts. Two queries however many they are."""
    lefts = {one.target_pk: one for one in left_of(comparison)}
    follows: dict[int, list[ComparedAccount]] = defaultdict(list)
    pairs = ComparedPair.objects.filter(comparison=comparison, right_pk__in=[one.target_pk for one in rights])
    for left_pk, right_pk in pairs.order_by("pk").values_list("left_pk", "right_pk"):
        follows[right_pk].append(lefts[left_pk])
    vague = {pk for pk, one in lefts.items() if one.reading != ListReading.COMPLETE}
    return [
        RightRow(one, mine := follows[one.target_pk], len(vague - {left.target_pk for left in mine})) for one in rights
    ]


def left_of(comparison: Comparison) -> list[ComparedAccount]:
    """The left accounts in their order: fifty at most."""
    mine = ComparedAccount.objects.filter(comparison=comparison, side=Side.LEFT)
    return list(mine.order_by("position")[:MOST_LEFT])


def sheet(comparison: Comparison) -> Iterator[list[Any]]:
    """Each pair with yes, no or unknown: for a file."""
    lefts = left_of(comparison)
    pairs = set(ComparedPair.objects.filter(comparison=comparison).values_list("left_pk", "right_pk"))
    rights = ComparedAccount.objects.filter(comparison=comparison, side=Side.RIGHT).order_by("position")
    for right in rights[:MOST_RIGHT]:
        for left in lefts:
            answer = "no" if left.reading == ListReading.COMPLETE else "unknown"
            answer = "yes" if (left.target_pk, right.target_pk) in pairs else answer
            as_of = left.as_of.isoformat(timespec="seconds") if left.as_of else ""
            yield [right.target_pk, right.username, left.target_pk, left.username, answer, as_of]


def _stored(workspace: Workspace, left: Sequence[int], now: datetime) -> dict[int, tuple[int, datetime, int]]:
    """Of those left accounts whose complete list is young: its id, when it was read, how many are on it."""
    finished = ListScan.objects.filter(edge_list=OuterRef("pk"), seq=OuterRef("complete_seq")).values("finished_at")
    lists = EdgeList.objects.for_workspace(workspace).filter(
        account__profile_id__in=left, direction=Direction.FOLLOWERS, complete_seq__isnull=False
    )
    young = lists.annotate(read_at=Subquery(finished[:1])).filter(read_at__gte=now - FRESH)
    told = young.order_by("pk").values_list("account__profile_id", "pk", "read_at", "people_count")
    return {pk: (list_id, read_at, count) for pk, list_id, read_at, count in told}


def _name(
    comparison: Comparison, left: Sequence[int], right: Sequence[int], stored: dict[int, tuple[int, datetime, int]]
) -> None:
    names = dict(Profile.objects.filter(pk__in=[*left, *right]).values_list("pk", "username"))

    def account(side: Side, position: int, pk: int) -> ComparedAccount:
        reading = ListReading.WAITING if side == Side.LEFT else ListReading.NONE
        one = ComparedAccount(
            comparison=comparison, side=side, position=position, target_pk=pk, username=names.get(pk, "")[:64],
            reading=reading,
        )  # fmt: skip
        if side == Side.LEFT and pk in stored:
            _list_id, one.as_of, one.seen = stored[pk]
            one.reading = ListReading.COMPLETE
        return one

    ComparedAccount.objects.bulk_create(
        account(side, position, pk)
        for side, pks in ((Side.LEFT, left), (Side.RIGHT, right))
        for position, pk in enumerate(pks)
    )


def _match_stored(comparison: Comparison, lists: dict[int, int], right: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select list_id, profile_id from edge_current where list_id = any(%s) and profile_id = any(%s)",
            [list(lists), list(right)],
        )
        found = cursor.fetchall()
    add_pairs(comparison, [(lists[list_id], pk) for list_id, pk in found])


def add_pairs(comparison: Comparison, pairs: Sequence[tuple[int, int]]) -> None:
    """Remember who follows whom, each once: (left, right)."""
    ComparedPair.objects.bulk_create(
        [ComparedPair(comparison=comparison, left_pk=left, right_pk=right) for left, right in pairs],
        ignore_conflicts=True,
    )


def _order_reading(comparison: Comparison, unread: int, by: User | None, now: datetime) -> None:
    if not unread:
        comparison.ended_at = now
    elif comparison.login is None:
        raise NotComparable(_("%(count)s lists have to be read: choose the login that reads them.") % {"count": unread})
    else:
        job = runner.enqueue(
            COMPARE, workspace=comparison.workspace, by=by, params={"comparison": str(comparison.pk)},
            subject=f"@{comparison.login.username}", lane=connect.lane(comparison.login.pk), total=unread, due_at=now,
        )  # fmt: skip
        comparison.job_uuid = job.uuid
    comparison.save(update_fields=["ended_at", "job_uuid"])
