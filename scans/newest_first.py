"""The cheap reading between two full scans: newest first, until enough people in a row are known already.

It proves additions and nothing else: nobody is closed, and its sentence says how many stored people were not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.formats import number_format

from accounts.gateway.protocol import ListOrder
from accounts.gateway.results import Person
from igsite.problems import Invalid
from scans.models import EdgeList, Scan, ScanMode
from scans.paging_rules import Position
from scans.person_rows import fetch

#: The order that is asked for.
ORDER: Final[ListOrder] = "date_followed_latest"
#: So many known people one after the other, and everybody who came since the last scan has been seen. One page of
#: Instagram's is 50 or more; people who left and came back may stand between the known ones.
KNOWN_IN_A_ROW: Final = 30


class NeverWhole(Invalid):
    """A list was never read completely, so that "newest" has nothing to be newer than."""

    code = "never_whole"


def order_of(scan: Scan) -> ListOrder:
    """How the source is to sort the pages of this scan."""
    return ORDER if scan.mode == ScanMode.NEWEST else "default"


def check(lists: Sequence[EdgeList | None]) -> None:
    """Raises :class:`NeverWhole` unless each list has a complete scan."""
    if not all(edges is not None and edges.complete_seq for edges in lists):
        sentence = "Scan the whole list once first: before that nobody can be told to be new."
        raise NeverWhole(sentence, fields={"mode": [sentence]})


def after_pages(position: Position, people: Sequence[Person], edges: EdgeList) -> Position:
    """The position behind pages of ``people`` in their order: ended once enough of them in a row were known, or with
    the list. A position that ended for another reason, or that saw nobody, stays as it is.
    """
    known = _known(edges.pk, [person.pk for person in people if person.pk is not None])
    streak, longest = position.known, 0
    for person in people:
        streak = streak + 1 if person.pk in known else 0
        longest = max(longest, streak)
    moved = position.knowing(streak)
    if moved.stop or not moved.seen:
        return moved
    if longest >= KNOWN_IN_A_ROW or moved.is_over:
        return moved.stopped("newest_only", _sentence(moved, edges, is_end=longest < KNOWN_IN_A_ROW))
    return moved


def _known(list_id: int, numbers: list[int]) -> set[int]:
    sql = "select profile_id from edge_current where list_id = %s and profile_id = any(%s)"
    return {row[0] for row in fetch(sql, [list_id, numbers])}


def _sentence(position: Position, edges: EdgeList, *, is_end: bool) -> str:
    seen = number_format(position.seen, force_grouping=True)
    skipped = number_format(max(0, edges.people_count - position.seen), force_grouping=True)
    until = "to its end" if is_end else f"until {KNOWN_IN_A_ROW} known people in a row"
    return (
        f"Read newest first {until}: {seen} people on {position.pages} pages. This shows who came, never who left;"
        f" about {skipped} stored people were not looked at."
    )
