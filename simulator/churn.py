"""When people leave, return, rename themselves or close their account.

Events are drawn for 4,096 classes instead of for each person. People are assigned to classes by the lowest twelve bits
of their index, so that every run of 4,096 places of a list holds each class once: counts of lists of any size are exact
without walking them. All times are whole seconds since the world's start; the world before it has events too.
"""

from bisect import bisect_right
from dataclasses import dataclass

from simulator.mixing import GOLDEN, MASK64, draw, mix, share

CLASSES = 4096
DAY = 86_400
CYCLE = 180 * DAY
"""Events are drawn once per class and cycle."""
LEAVE_SHARE = 184
"""Of 1,024 people of a list, how many leave it within a cycle (0.1 % a day)."""
RETURN_SHARE = 0.3
RECYCLE_DELAY = DAY


def absence(key: int, class_: int, at: int, leave_share: int = LEAVE_SHARE) -> int | None:
    """The start of the latest absence in force then: whoever followed before it is gone. None: all are there."""
    latest: int | None = None
    for cycle in range(-1, at // CYCLE + 1):
        h = mix(key ^ ((class_ + 1) * GOLDEN & MASK64) ^ ((cycle + 2) << 40))
        if (h & 1023) >= leave_share:
            continue
        start = cycle * CYCLE + (((h >> 10) & 0xFFFFF) * CYCLE >> 20)
        if start > at:
            break
        comes_back = (h >> 30) & 1023 < RETURN_SHARE * 1024
        end = start + 2 * DAY + (((h >> 40) & 0xFFFF) * 38 * DAY >> 16)
        if not comes_back or at < end:
            latest = start
    return latest


@dataclass(frozen=True, slots=True)
class PersonState:
    """What has happened to the people of a class: account closed, how often renamed, privacy changed."""

    gone: bool
    style: int
    flipped: bool


@dataclass(slots=True)
class _Life:
    closed: list[tuple[int, int]]
    renamed: list[int]
    flipped: list[int]


_FOREVER = 1 << 60


class PersonTimeline:
    """Account closures and reopenings, renames, and switches between public and private, per class of people."""

    def __init__(self, key: int) -> None:
        self.key = key
        self._lives = [_Life([], [], []) for _ in range(CLASSES)]
        self._drawn_to = -1
        self._renames: list[tuple[int, int, int]] = []
        self._states: dict[int, list[PersonState]] = {}

    def _reach(self, at: int) -> None:
        while self._drawn_to * CYCLE <= at:
            for class_ in range(CLASSES):
                self._draw_cycle(class_, self._drawn_to)
            self._drawn_to += 1
        self._renames.sort()

    def _draw_cycle(self, class_: int, cycle: int) -> None:
        h = draw(self.key, class_, cycle + 1)
        life = self._lives[class_]
        if h & 1023 < 72 and not (life.closed and life.closed[-1][1] == _FOREVER):
            start = cycle * CYCLE + int(share(mix(h + 1)) * CYCLE)
            back = start + 3 * DAY + int(share(mix(h + 2)) * 30 * DAY)
            life.closed.append((start, back if (h >> 10) & 1 else _FOREVER))
        if cycle >= 0 and (h >> 11) & 1023 < 122:
            moment = cycle * CYCLE + int(share(mix(h + 3)) * CYCLE)
            self._renames.append((moment, class_, len(life.renamed)))
            life.renamed.append(moment)
        if cycle >= 0 and (h >> 21) & 1023 < 40:
            life.flipped.append(cycle * CYCLE + int(share(mix(h + 4)) * CYCLE))

    def states(self, at: int) -> list[PersonState]:
        """The state of each class at that time."""
        known = self._states.get(at)
        if known is None:
            self._reach(at)
            known = [
                PersonState(
                    gone=any(start <= at < end for start, end in life.closed),
                    style=bisect_right(life.renamed, at),
                    flipped=bisect_right(life.flipped, at) % 2 == 1,
                )
                for life in self._lives
            ]
            if len(self._states) > 32:
                self._states.clear()
            self._states[at] = known
        return known

    def closure(self, class_: int, at: int) -> int | None:
        """Since when the accounts of this class are closed, or None when they are open."""
        self._reach(at)
        return next((start for start, end in self._lives[class_].closed if start <= at < end), None)

    def renames(self, until: int) -> list[tuple[int, int, int]]:
        """(time, class, style given up) of every rename up to that time, oldest first."""
        self._reach(until)
        return self._renames[: bisect_right(self._renames, (until, CLASSES, 0))]

    def is_recycled(self, class_: int, style: int, at: int) -> bool:
        """Whether the username given up by a rename has been taken by somebody new: half of them are, a day later."""
        self._reach(at)
        renamed = self._lives[class_].renamed
        return style < len(renamed) and renamed[style] + RECYCLE_DELAY <= at and self.gets_recycled(class_, style)

    def gets_recycled(self, class_: int, style: int) -> bool:
        return draw(self.key, class_, style, 5) & 1 == 1
