"""Scans by the real client equal the simulator's ground truth, exactly."""

from __future__ import annotations

from scans.models import ChangeKind, Direction, ScanState
from scans.people import PeopleList, counts
from tests.scans.scanner import BOTH, Scanner, changed, changes, edges_of, last_list, shown, stored


def test_a_week_on_an_account_of_ten_thousand_is_told_exactly(scanner: Scanner) -> None:
    tracked = scanner.track("aurora.studio")
    first = scanner.scan(tracked)
    assert first.state == ScanState.COMPLETE, first.message
    assert stored(tracked) == scanner.truth("aurora.studio")
    assert (last_list(first).new_count, last_list(first).lost_count) == (0, 0)

    since = scanner.advance(days=7)
    second = scanner.scan(tracked)
    truth = scanner.true_diff("aurora.studio", since)
    edges = edges_of(tracked)
    assert second.state == ScanState.COMPLETE, second.message
    assert stored(tracked) == scanner.truth("aurora.studio")
    assert changed(edges, ChangeKind.NEW, 1, 2) == truth["new"]
    assert changed(edges, ChangeKind.LOST, 1, 2) == truth["lost"]
    assert changed(edges, ChangeKind.RETURNED, 1, 2) == truth["returned"]
    renamed = [(c.person.profile_id, c.old_name, c.new_name) for c in changes(edges, ChangeKind.RENAMED, 1, 2)]
    assert sorted(renamed) == [(each["pk"], each["old"], each["new"]) for each in truth["renamed"]]
    assert truth["new"]
    assert truth["lost"]
    assert truth["renamed"]
    row = last_list(second)
    told = [row.new_count, row.lost_count, row.returned_count, row.renamed_count]
    assert told == [len(truth[kind]) for kind in ("new", "lost", "returned", "renamed")]


def test_who_comes_back_is_returned_and_losses_are_confirmed_later(scanner: Scanner) -> None:
    tracked = scanner.track("northwind_run")
    times = [scanner.now()]
    scanner.scan(tracked)
    for _week in range(5):
        times.append(scanner.now())
        scanner.advance(days=21)
        scanner.scan(tracked)
        edges = edges_of(tracked)
        truth = scanner.true_diff("northwind_run", times[-1], ",".join(times[:-1]))
        for kind in ("new", "lost", "returned"):
            assert changed(edges, ChangeKind(kind), edges.last_seq - 1, edges.last_seq) == truth[kind]
    now = scanner.truth("northwind_run")
    lost = changes(edges, ChangeKind.LOST, 1, edges.last_seq)
    assert any(change.is_confirmed for change in lost)
    assert not {change.person.profile_id for change in lost} & now
    assert all(change.is_confirmed == (change.seq < edges.last_seq) for change in lost)


def test_both_lists_give_mutuals_fans_and_those_who_dont_follow_back(scanner: Scanner) -> None:
    tracked = scanner.track("gap.gallery")
    scan = scanner.scan(tracked, BOTH)
    assert [row.direction for row in scan.lists.order_by("pk")] == ["followers", "following"]
    assert scan.state == ScanState.COMPLETE, scan.message
    followers = scanner.truth("gap.gallery")
    following = scanner.truth("gap.gallery", Direction.FOLLOWING)
    expected = {
        PeopleList.FOLLOWERS: followers,
        PeopleList.FOLLOWING: following,
        PeopleList.MUTUALS: followers & following,
        PeopleList.DONT_FOLLOW_BACK: following - followers,
        PeopleList.FANS: followers - following,
    }
    sizes = counts(tracked)
    for which, people in expected.items():
        assert set(shown(tracked, which)) == people
        assert len(shown(tracked, which)) == len(people) == getattr(sizes, which.value)


def test_a_list_three_percent_short_of_the_count_is_complete(scanner: Scanner) -> None:
    tracked = scanner.track("gap.gallery")
    for _scan in range(3):
        assert scanner.scan(tracked).state == ScanState.COMPLETE
        scanner.advance(days=7)
    assert 0.02 < (edges_of(tracked).usual_gap or 0) < 0.04


def test_hostile_names_are_stored_as_they_are(scanner: Scanner) -> None:
    tracked = scanner.track("hostile.names")
    assert scanner.scan(tracked).state == ScanState.COMPLETE
    assert stored(tracked) == scanner.truth("hostile.names")
