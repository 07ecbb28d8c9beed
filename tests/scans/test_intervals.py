"""Differences of any two scans against a model that keeps every snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scans import diffing
from scans.models import ChangeKind, EdgeList
from tests.scans import listed

PEOPLE = range(1, 9)
KINDS = (ChangeKind.NEW, ChangeKind.LOST, ChangeKind.RETURNED, ChangeKind.RENAMED)


@dataclass(frozen=True)
class Shown:
    """What one scan shows: people by number with the version of their name, and whether the list is complete."""

    people: dict[int, int]
    is_complete: bool


@dataclass
class Model:
    """Every snapshot of what is known to be on the list, by brute force."""

    known: list[dict[int, str]] = field(default_factory=lambda: [{}])
    names: list[dict[int, str]] = field(default_factory=lambda: [{}])
    baseline: int | None = None

    def see(self, shown: Shown) -> None:
        seen = {pk: name_of(pk, version) for pk, version in shown.people.items()}
        self.known.append(seen if shown.is_complete else self.known[-1] | seen)
        self.names.append(self.names[-1] | seen)
        if shown.is_complete and self.baseline is None:
            self.baseline = len(self.known) - 1

    def arrived(self, since: int, until: int, *, back: bool) -> set[int]:
        if self.baseline is None:
            return set()
        floor = max(since, self.baseline)
        found = set()
        for pk in self.known[until]:
            absent = any(pk not in self.known[seq] for seq in range(floor, until + 1))
            before = any(pk in self.known[seq] for seq in range(1, floor + 1))
            if absent and before == back and floor <= until:
                found.add(pk)
        return found

    def lost(self, since: int, until: int) -> set[int]:
        return set(self.known[since]) - set(self.known[until])

    def renamed(self, since: int, until: int) -> set[tuple[int, str, str]]:
        both = set(self.known[since]) & set(self.known[until])
        then, now = self.names[since], self.names[until]
        return {(pk, then[pk], now[pk]) for pk in both if then[pk] != now[pk]}


def name_of(pk: int, version: int) -> str:
    return f"person{pk}" + (f".v{version}" if version else "")


shows = st.builds(
    Shown,
    people=st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 2)),
    is_complete=st.booleans(),
)


def asked(edges: EdgeList, kind: ChangeKind, since: int, until: int) -> list[diffing.Change]:
    """All changes of a kind, page by page of two."""
    found: list[diffing.Change] = []
    cursor = ""
    while True:
        page = diffing.changes(edges, kind, since=since, until=until, cursor=cursor, limit=2)
        found += page.items
        cursor = page.next
        if not cursor:
            return found


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(shows, min_size=2, max_size=6))
def test_any_two_scans_compare_as_their_snapshots_do(history: list[Shown]) -> None:
    tracked, model = listed.account(), Model()
    for shown in history:
        people = [listed.person(pk, name_of(pk, version)) for pk, version in shown.people.items()]
        row = listed.scanned(tracked, people, stop="" if shown.is_complete else "throttled")
        if row.seq is not None:  # a partial scan that saw nobody stores nothing
            model.see(shown)
    edges = listed.edges(tracked)
    assert edges.last_seq == len(model.known) - 1
    assert edges.people_count == len(model.known[-1])
    for since, until in combinations(range(1, edges.last_seq + 1), 2):
        new, lost, returned, renamed = (asked(edges, kind, since, until) for kind in KINDS)
        assert sorted(c.person.profile_id for c in new) == sorted(model.arrived(since, until, back=False))
        assert sorted(c.person.profile_id for c in returned) == sorted(model.arrived(since, until, back=True))
        assert sorted(c.person.profile_id for c in lost) == sorted(model.lost(since, until))
        assert {(c.person.profile_id, c.old_name, c.new_name) for c in renamed} == model.renamed(since, until)
        assert len(renamed) == len(model.renamed(since, until))
        counts = diffing.count_changes(edges, since=since, until=until)
        assert counts == diffing.ChangeCounts(len(new), len(lost), len(returned), len(renamed))
    for seq in range(1, edges.last_seq + 1):
        page = diffing.people_at(edges, seq=seq, limit=100)
        assert [row.profile_id for row in page.items] == sorted(model.known[seq])


@pytest.mark.django_db
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(shows, min_size=3, max_size=7))
def test_a_loss_is_confirmed_by_the_second_complete_scan_without_the_person(history: list[Shown]) -> None:
    tracked = listed.account()
    stored: list[Shown] = []
    for shown in history:
        people = [listed.person(pk) for pk in shown.people]
        if listed.scanned(tracked, people, stop="" if shown.is_complete else "throttled").seq is not None:
            stored.append(shown)
    edges = listed.edges(tracked)
    for since in range(1, edges.last_seq):
        for change in asked(edges, ChangeKind.LOST, since, edges.last_seq):
            unseen_by = [shown for shown in stored[change.seq - 1 :] if shown.is_complete]
            assert change.person.profile_id not in {pk for shown in stored[change.seq - 1 :] for pk in shown.people}
            assert change.is_confirmed == (len(unseen_by) >= 2)


lacking = st.tuples(st.frozensets(st.sampled_from(PEOPLE)), st.integers(0, 3))


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(lacking, min_size=3, max_size=8))
def test_while_the_gap_grows_a_third_complete_scan_confirms_and_no_later_one(
    history: list[tuple[frozenset[int], int]],
) -> None:
    tracked = listed.account()
    for people, gap in history:
        row = listed.scanned(tracked, [listed.person(pk) for pk in people], counted=len(people) + gap)
        assert (row.state, row.seq is None) == ("complete", False) if people or not gap else ("failed", True)
    read = [one for one in history if one[0] or not one[1]]
    edges = listed.edges(tracked)
    for change in asked(edges, ChangeKind.LOST, 1, edges.last_seq) if edges.last_seq > 1 else []:
        grew = [_grew(read, at) for at in range(change.seq, len(read))]
        assert change.is_confirmed == (len(grew) >= 2 or grew == [False])


def _grew(read: list[tuple[frozenset[int], int]], at: int) -> bool:
    """Whether that scan lacked more of its count than each of the two before; on so short a list, a person more."""
    shares = [(gap / (len(people) + gap) if people else 0.0, len(people) + gap) for people, gap in read[: at + 1]]
    (now, count), *before = reversed(shares[-3:])
    return any(round((now - share) * count, 6) >= 1 for share, _count in before)
