"""Who became private or public, verified or lost it: between any two scans, as each list saw it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import TrackedAccount, Workspace
from scans import diffing
from scans.models import ChangeKind
from tests.scans import listed

pytestmark = pytest.mark.django_db
FLAGS = (ChangeKind.PRIVATE, ChangeKind.PUBLIC, ChangeKind.VERIFIED, ChangeKind.UNVERIFIED)


def scan(tracked: TrackedAccount, private: bool | None, verified: bool | None = False, there: bool = True) -> None:
    someone = [listed.person(7, is_private=private, is_verified=verified)] if there else []
    listed.scanned(tracked, [*someone, *listed.numbers(100, 103)])


def turned(tracked: TrackedAccount, since: int, until: int) -> set[ChangeKind]:
    edges = listed.edges(tracked)
    return {kind for kind in FLAGS if diffing.changes(edges, kind, since=since, until=until).items}


def test_each_turn_is_told_between_the_scans_that_saw_it() -> None:
    tracked = listed.account()
    scan(tracked, private=False)
    scan(tracked, private=True, verified=True)
    scan(tracked, private=True, verified=False)
    assert turned(tracked, 1, 2) == {ChangeKind.PRIVATE, ChangeKind.VERIFIED}
    assert turned(tracked, 2, 3) == {ChangeKind.UNVERIFIED}
    assert turned(tracked, 1, 3) == {ChangeKind.PRIVATE}


def test_a_source_that_does_not_show_a_flag_turns_nothing() -> None:
    tracked = listed.account()
    scan(tracked, private=False)
    scan(tracked, private=None)
    scan(tracked, private=True)
    assert turned(tracked, 1, 2) == set()
    assert turned(tracked, 1, 3) == {ChangeKind.PRIVATE}


def test_who_returns_is_compared_with_the_end_of_the_last_stay() -> None:
    tracked = listed.account()
    scan(tracked, private=False)
    scan(tracked, private=False, there=False)
    scan(tracked, private=True)
    assert turned(tracked, 1, 3) == {ChangeKind.PRIVATE}
    assert turned(tracked, 2, 3) == set()


def test_what_another_list_saw_first_is_still_news_to_this_one() -> None:
    workspace = Workspace.objects.create(name="Two lists")
    one, other = listed.account(workspace), listed.account(workspace)
    scan(one, private=False)
    scan(other, private=False)
    scan(one, private=True)
    scan(other, private=True)
    assert turned(other, 1, 2) == {ChangeKind.PRIVATE}


def test_counts_say_what_the_pages_show() -> None:
    tracked = listed.account()
    scan(tracked, private=False)
    scan(tracked, private=True, verified=True)
    counts = diffing.count_changes(listed.edges(tracked), since=1, until=2)
    assert (counts.private, counts.public, counts.verified, counts.unverified) == (1, 0, 1, 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=6))
def test_between_any_two_scans_the_turns_are_the_difference_of_the_flags(
    db: None, seen: list[tuple[bool, bool]]
) -> None:
    tracked = listed.account()
    for private, verified in seen:
        scan(tracked, private, verified)
    for since in range(1, len(seen)):
        for until in range(since + 1, len(seen) + 1):
            before, after = seen[since - 1], seen[until - 1]
            expected = set()
            if before[0] != after[0]:
                expected.add(ChangeKind.PRIVATE if after[0] else ChangeKind.PUBLIC)
            if before[1] != after[1]:
                expected.add(ChangeKind.VERIFIED if after[1] else ChangeKind.UNVERIFIED)
            assert turned(tracked, since, until) == expected
