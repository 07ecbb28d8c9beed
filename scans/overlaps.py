"""How much the lists of a workspace's accounts overlap: shared people and Jaccard's index, from stored bitmaps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

from django.db.models import F
from pyroaring import BitMap

from accounts.models import TrackedAccount, Workspace
from scans import bitmaps
from scans.list_stands import readings_of
from scans.models import Direction, EdgeList
from scans.people import Reading

#: Lists in one matrix.
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Member:
    """One account in the matrix. ``size`` is that of its list, None while nothing is worked out for it."""

    account: TrackedAccount
    size: int | None
    reading: Reading

    @property
    def readings(self) -> list[Reading]:
        """What the member rests on, as pages show it."""
        return [self.reading]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two lists: people on both; Jaccard's index, shared ÷ people on either, 0 to 1."""

    shared: int
    jaccard: float

    @property
    def percent(self) -> float:
        """Jaccard's index in percent with one decimal."""
        return round(100 * self.jaccard, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A member against all members, in the matrix's order; None on the diagonal and where nothing is worked out."""

    member: Member
    cells: list[Overlap | None]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole matrix. ``is_behind``: a list was scanned after its figures were worked out."""

    direction: Direction
    rows: list[Row]
    is_behind: bool

    @property
    def members(self) -> list[Member]:
        """In the order of rows and of columns."""
        return [row.member for row in self.rows]


def compare(one: BitMap, other: BitMap) -> Overlap:
    """Two lists. Two empty ones have nothing in common."""
    shared = one.intersection_cardinality(other)
    either = len(one) + len(other) - shared
    return Overlap(shared, shared / either if either else 0.0)


def candidates(workspace: Workspace, direction: Direction) -> list[TrackedAccount]:
    """Accounts of which this list was read, last scanned first; ``MOST`` of them make a matrix."""
    read = TrackedAccount.objects.for_workspace(workspace).filter(
        edge_lists__direction=direction, edge_lists__last_seq__gt=0
    )
    return list(read.select_related("profile").order_by(F("last_scanned_at").desc(nulls_last=True), "pk")[: 5 * MOST])


def matrix(workspace: Workspace, direction: Direction, accounts: Collection[TrackedAccount]) -> Matrix:
    """The overlaps of up to ``MOST`` accounts of the workspace, in the order given."""
    chosen = list(accounts)[:MOST]
    ids = [account.pk for account in chosen]
    lists = EdgeList.objects.for_workspace(workspace).filter(account__in=ids, direction=direction, last_seq__gt=0)
    by_account = {edges.account_id: edges.pk for edges in lists}
    is_behind = bitmaps.stale(lists).exists()
    loaded = bitmaps.load(by_account.values())
    readings = readings_of(workspace, ids)
    bits: dict[UUID, BitMap] = {
        account: loaded[list_id] for account, list_id in by_account.items() if list_id in loaded
    }
    cells = {
        frozenset((one, other)): compare(bits[one], bits[other]) for one, other in combinations(bits, 2)
    }  # fmt: skip
    rows = [
        Row(
            Member(row, len(bits[row.pk]) if row.pk in bits else None, readings[row.pk][direction]),
            [cells.get(frozenset((row.pk, column.pk))) for column in chosen],
        )
        for row in chosen
    ]
    return Matrix(direction, rows, is_behind)
