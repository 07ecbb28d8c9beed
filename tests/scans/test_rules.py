"""The rules of completeness and paging, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.gateway.results import PeoplePage
from scans.completeness import Fall, Reading, break_circuit, gap_grew, judge, learn_gap, was_short
from scans.models import Reason, ScanState
from scans.paging_rules import IDLE_PAGES, Gathered, Position


def reading(seen: int, count: int | None, after: int | None = -1, **more: object) -> Reading:
    return Reading(seen, count, count if after == -1 else after, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "state", "reason"),
    [
        (reading(1000, 1000), "complete", ""),
        (reading(980, 1000), "complete", ""),
        (reading(979, 1000), "partial", "early_end"),
        (reading(1010, 1000), "complete", ""),
        (reading(970, 1000, is_first=True), "complete", ""),
        (reading(949, 1000, is_first=True), "partial", "early_end"),
        (reading(970, 1000, usual_gap=0.03), "complete", ""),
        (reading(955, 1000, usual_gap=0.03), "partial", "early_end"),
        (reading(955, 1000, usual_gap=0.03, previous_gap=0.046), "complete", ""),
        (reading(900, 1000, previous_gap=0.1), "partial", "early_end"),
        (reading(47, 50), "complete", ""),
        (reading(46, 50), "partial", "early_end"),
        (reading(0, 0), "complete", ""),
        (reading(0, 3), "failed", "endpoint_broken"),
        (reading(178, 746), "partial", "early_end"),
        (reading(1000, 1000, after=1100), "partial", "early_end"),
        (reading(1000, 1000, after=None), "partial", "uncounted"),
        (reading(1000, None), "partial", "uncounted"),
        (reading(50, 20_000, is_limited=True), "partial", "limited"),
        (reading(400, 1000, stop="cancelled", stop_sentence="The scan was cancelled."), "partial", "cancelled"),
        (reading(0, 1000, stop="private", stop_sentence="Private."), "failed", "private"),
    ],
)
def test_what_a_reading_is_worth(case: Reading, state: str, reason: str) -> None:
    verdict = judge(case)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.sentence.endswith(".")
    assert verdict.state in ScanState.values
    assert verdict.reason in Reason.values


@given(
    seen=st.integers(0, 10_000),
    count=st.none() | st.integers(0, 10_000),
    after=st.none() | st.integers(0, 10_000),
    usual_gap=st.none() | st.floats(0, 1),
    previous_gap=st.none() | st.floats(0, 1),
    is_first=st.booleans(),
)
def test_nothing_lacking_more_than_usual_is_ever_complete(
    seen: int, count: int | None, after: int | None, usual_gap: float | None, previous_gap: float | None, is_first: bool
) -> None:
    case = Reading(seen, count, after, usual_gap=usual_gap, previous_gap=previous_gap, is_first=is_first)
    if judge(case).is_complete:
        assert count is not None
        assert after is not None
        share = max(0.05, (usual_gap or 0.0) + 0.01)
        assert max(count, after) - seen <= max(3, share * max(count, after))


@pytest.mark.parametrize(
    ("fall", "reason"),
    [
        (Fall(known=1000, gone=50, seen_now=960, count_now=960, seen_then=1000, count_then=1000), None),
        (Fall(known=1000, gone=51, seen_now=960, count_now=960, seen_then=1000, count_then=1000), "mass_loss"),
        (Fall(known=50, gone=20, seen_now=30, count_now=30, seen_then=50, count_then=50), None),
        (Fall(known=50, gone=21, seen_now=29, count_now=29, seen_then=50, count_then=50), "mass_loss"),
        (Fall(known=1000, gone=15, seen_now=985, count_now=1000, seen_then=1000, count_then=1000), "count_steady"),
        (Fall(known=1000, gone=15, seen_now=1000, count_now=1000, seen_then=1000, count_then=1000), None),
        (Fall(known=1000, gone=15, seen_now=985, count_now=985, seen_then=1000, count_then=1000), None),
        (Fall(known=1000, gone=300, seen_now=700, count_now=700, quarantined_seen=702), None),
        (Fall(known=1000, gone=300, seen_now=700, count_now=700, quarantined_seen=800), "mass_loss"),
    ],
)
def test_the_circuit_breaker(fall: Fall, reason: str | None) -> None:
    verdict = break_circuit(fall)
    assert (verdict.reason if verdict else None) == reason
    if verdict:
        assert verdict.state == ScanState.QUARANTINED
        assert "scan again" in verdict.sentence.lower()


def test_the_usual_gap_is_the_smallest_of_the_last_three() -> None:
    assert learn_gap([0.03, 0.01, 0.02, 0.0]) == 0.01


@pytest.mark.parametrize(
    ("shares", "count", "grew"),
    [
        ([0.02], 100, False),
        ([0.02, 0.02], 100, False),
        ([0.03, 0.02], 100, True),
        ([0.03, 0.03, 0.02], 100, True),
        ([0.03, 0.03, 0.03], 100, False),
        ([0.01, 0.03, 0.02], 100, False),
        ([0.0219, 0.02], 100_000, False),
        ([0.0221, 0.02], 100_000, True),
    ],
)
def test_a_gap_grew_when_it_is_larger_than_both_before(shares: list[float], count: int, grew: bool) -> None:
    assert gap_grew(shares, count) is grew


def test_a_list_that_was_short_gives_no_newcomers_when_it_is_whole() -> None:
    assert was_short(0.04, 0.0)
    assert not was_short(0.04, 0.035)
    assert not was_short(0.015, 0.0)
    assert not was_short(None, 0.0)


def test_pages_without_anybody_new_end_in_a_circle() -> None:
    position = Position().after(next_cursor="a", new_people=200, is_limited=False)
    for page in range(IDLE_PAGES):
        assert not position.is_over
        position = position.after(next_cursor=f"b{page}", new_people=0, is_limited=False)
    assert (position.is_over, position.stop) == (True, "looping")


def test_the_same_cursor_twice_is_a_circle() -> None:
    gathered = Gathered("a")
    gathered.add(PeoplePage((), "a"))
    assert gathered.is_circle
    assert gathered.is_full
    assert Position(cursor="a").after(next_cursor="a", new_people=9, is_limited=False, is_circle=True).stop == "looping"


def test_a_page_without_a_cursor_is_the_last() -> None:
    position = Position().after(next_cursor=None, new_people=0, is_limited=True)
    assert (position.is_over, position.stop, position.is_limited) == (True, "", True)


@given(st.builds(Position, cursor=st.none() | st.text(), pages=st.integers(0), seen=st.integers(0)))
def test_a_position_survives_the_jobs_row(position: Position) -> None:
    assert Position.from_json(position.as_json()) == position
