"""What a page missed between its making and its socket is known exactly, or said to be unknown."""

from __future__ import annotations

from igsite.live_recent import CLOCKS_DIFFER, KEPT_HINTS, KEPT_SECONDS, RecentHints

MINE, THEIRS = "workspace-1", "workspace-2"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def listening(clock: Clock) -> RecentHints:
    """Hints that are all heard since long ago."""
    recent = RecentHints(clock)
    recent.begin()
    clock.now += 100
    return recent


def test_what_was_hinted_since_is_told_once_and_to_its_group_only() -> None:
    clock = Clock()
    recent = listening(clock)
    recent.add(MINE, "job-before")
    clock.now += CLOCKS_DIFFER + 1
    begun = clock.now
    assert recent.missed(MINE, begun) == []
    clock.now += 0.2
    for group, topic in ((MINE, "job-1"), (THEIRS, "job-2"), (MINE, "alerts"), (MINE, "job-1")):
        recent.add(group, topic)
    assert recent.missed(MINE, begun) == ["job-1", "alerts"]
    assert recent.missed(THEIRS, begun) == ["job-2"]
    assert recent.missed("workspace-3", begun) == []


def test_a_hint_just_before_is_told_too_for_clocks_may_differ() -> None:
    clock = Clock()
    recent = listening(clock)
    recent.add(MINE, "job-1")
    assert recent.missed(MINE, clock.now + 0.0) == ["job-1"]
    clock.now += CLOCKS_DIFFER
    assert recent.missed(MINE, clock.now) == ["job-1"]


def test_what_nobody_listened_to_is_unknown() -> None:
    clock = Clock()
    recent = RecentHints(clock)
    assert recent.missed(MINE, clock.now) is None
    recent.begin()
    assert recent.missed(MINE, clock.now - 1) is None
    assert recent.missed(MINE, clock.now) is None, "the page's clock may be ahead"
    clock.now += CLOCKS_DIFFER
    assert recent.missed(MINE, clock.now) == []
    recent.stop()
    assert recent.missed(MINE, clock.now) is None
    recent.begin()
    clock.now += CLOCKS_DIFFER
    assert recent.missed(MINE, clock.now) == []


def test_a_page_of_a_clock_ahead_is_told_that_nothing_is_known() -> None:
    clock = Clock()
    assert listening(clock).missed(MINE, clock.now + 0.1) is None


def test_what_is_forgotten_is_unknown() -> None:
    clock = Clock()
    recent = listening(clock)
    early = clock.now
    recent.add(MINE, "job-1")
    clock.now += KEPT_SECONDS - 1
    recent.add(THEIRS, "job-2")
    assert recent.missed(MINE, early) == ["job-1"]
    clock.now += 2
    recent.add(THEIRS, "job-3")
    assert recent.missed(MINE, early) is None
    assert recent.missed(MINE, early + CLOCKS_DIFFER) == []


def test_a_flood_is_not_kept_whole() -> None:
    clock = Clock()
    recent = listening(clock)
    early = clock.now
    for number in range(KEPT_HINTS + 1):
        clock.now += 0.001
        recent.add(THEIRS, f"job-{number}")
    assert recent.missed(MINE, early) is None
    assert recent.missed(MINE, clock.now) == []
