"""People taken from a page's list, as it is narrowed down there, for a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts.models import TrackedAccount
from igsite.problems import Invalid
from scans import diffing, people
from scans.diffing import LossFilter
from scans.models import ChangeKind, Direction, LossState
from scans.people_choice import READ_LISTS, PeopleList, PeopleSort, Standing
from scans.person_rows import PersonRow

#: So many are taken of a list at most: more than a batch holds, since some of them are left out.
MOST: Final = 2_000
_PAGE: Final = 500


class NotPickable(Invalid):
    """Nobody can be taken from this list; the sentence says why, and what to do."""

    code = "not_pickable"


@dataclass(frozen=True, slots=True)
class Picked:
    """Who was taken, by number. ``words`` say from where; ``is_cut``: the list goes on; ``nameless``: how many of whom
    only the name is known were passed over."""

    pks: list[int]
    words: str
    is_cut: bool = False
    nameless: int = 0


def from_people(account: TrackedAccount, which: PeopleList, sort: PeopleSort, chosen: dict[str, Any]) -> Picked:
    """The people that the page of ``account`` shows, first come first taken.

    Raises:
        NotPickable: the list says who does not follow back, or who left, and rests on a scan that is not complete.
        people.NoLosses: losses of a list that is only compared.
    """
    is_of_absence = which not in READ_LISTS and which != PeopleList.MUTUALS
    if is_of_absence and not all(reading.is_whole for reading in people.readings(account, which)):
        raise NotPickable(
            _("This list rests on a scan that is not complete: some on it may follow after all. Scan both lists.")
        )
    if chosen["standing"] == Standing.LOST:
        raise NotPickable(_("Take those who left from the page of changes: only confirmed losses are taken."))

    def rows() -> Iterator[PersonRow]:
        cursor = ""
        while True:
            page = people.people(account, which, sort=sort, cursor=cursor, limit=_PAGE, **chosen)
            yield from page.items
            cursor = page.next
            if not cursor:
                return

    return _taken(rows(), _("%(list)s of @%(account)s") % {"list": which.label, "account": account.username})


def from_changes(account: TrackedAccount, direction: Direction, kind: ChangeKind, since: int, until: int) -> Picked:
    """Whoever changed so between two scans; of those who left, the confirmed ones.

    Raises:
        NotPickable: the list was never read.
        diffing.NotComparable: the two scans cannot be compared.
    """
    edges = people.edge_list(account, direction)
    if edges is None:
        raise NotPickable(_("This list was never read."))
    losses = LossFilter(LossState.CONFIRMED) if kind == ChangeKind.LOST else diffing.EVERY_LOSS

    def rows() -> Iterator[PersonRow]:
        cursor = ""
        while True:
            page = diffing.changes(edges, kind, since=since, until=until, cursor=cursor, limit=_PAGE, losses=losses)
            yield from (change.person for change in page.items)
            cursor = page.next
            if not cursor:
                return

    words = _("%(change)s: %(list)s of @%(account)s")
    return _taken(rows(), words % {"change": kind.label, "list": direction.label, "account": account.username})


def _taken(rows: Iterator[PersonRow], words: str) -> Picked:
    pks: list[int] = []
    nameless = 0
    for row in rows:
        if row.pk is None:
            nameless += 1
        elif len(pks) == MOST:
            return Picked(pks, words, is_cut=True, nameless=nameless)
        else:
            pks.append(row.pk)
    return Picked(pks, words, nameless=nameless)
