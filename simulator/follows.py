"""The natural list of an account: who follows it (or whom it follows) without anybody having clicked here.

A list is a row of slots, numbered in the order in which people followed. Each slot holds one person, by a bijection
between slots and a window of the population; who has left is decided per class of slots (see churn.py). So a page, a
membership and an exact count cost the same at 50 and at 5 million followers. Lists whose windows overlap share people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from simulator.churn import CLASSES, DAY, RECYCLE_DELAY, absence
from simulator.mixing import draw
from simulator.population import SIZE, Population

NEVER = 1 << 60
BLOCK = 256
"""Instagram's default order is not chronological: newest blocks first, shuffled inside a block of this size."""
FULL = 0.97
"""A list stops growing when it holds this share of its window."""


@dataclass(frozen=True, slots=True)
class ListShape:
    """What makes a list: `window` (a power of two ≥ 8,192, `start` a multiple of it), people at the world's start
    (`founders`), people who join per day, the share of 1,024 who leave in a cycle, and the share that is counted by
    the profile but never listed (`hidden`, suspended accounts: a stable gap)."""

    key: int
    start: int
    window: int
    founders: int
    per_day: float
    leave_share: int = 184
    hidden: float = 0.0


def window_for(size: int) -> int:
    """The smallest window that holds a list of this size with room to grow."""
    window = 8192
    while window < size * 1.4 and window < SIZE:
        window *= 2
    return window


class NaturalList:
    """A list at every time; `at(t)` freezes it."""

    def __init__(self, shape: ListShape, population: Population) -> None:
        self.shape = shape
        self.population = population
        self.mask = shape.window - 1
        self.factor = (draw(shape.key, 21) & self.mask) | 1
        self.offset = draw(shape.key, 22) & self.mask
        self._inverse = pow(self.factor, -1, shape.window)
        self.leave_key = draw(shape.key, 23)
        self.hidden_below = int(shape.hidden * (1 << 16))
        self.limit = max(shape.founders, int(shape.window * FULL))
        self._frozen: dict[int, FrozenList] = {}

    def arrived(self, at: int) -> int:
        """How many slots have been taken by then, whoever has left since."""
        if at < 0:
            return self.shape.founders
        return min(self.limit, self.shape.founders + int(at * self.shape.per_day / DAY))

    def followed_at(self, slot: int) -> int:
        """When the slot was taken, in seconds since the world's start (negative: before it)."""
        founders = self.shape.founders
        if slot < founders:
            return -int((founders - slot) / founders * 900 * DAY)
        return int((slot - founders + 1) * DAY / self.shape.per_day)

    def index_at(self, slot: int) -> int:
        return self.shape.start + ((slot * self.factor + self.offset) & self.mask)

    def slot_of(self, index: int) -> int:
        """The slot this person of the window would hold; only people of the window have one."""
        return ((index - self.shape.start - self.offset) * self._inverse) & self.mask

    def is_hidden(self, class_: int) -> bool:
        return draw(self.shape.key, class_, 24) & 0xFFFF < self.hidden_below

    def at(self, moment: int) -> "FrozenList":
        frozen = self._frozen.get(moment)
        if frozen is None:
            if len(self._frozen) > 4:
                self._frozen.clear()
            frozen = self._frozen[moment] = FrozenList(self, moment)
        return frozen


class FrozenList:
    """A list at one moment. There is a threshold per class of slots: a slot below it has left (see churn.py)."""

    def __init__(self, natural: NaturalList, at: int) -> None:
        self.natural = natural
        self.moment = at
        self.slots = natural.arrived(at)
        self.classes = min(CLASSES, self.slots)
        states = natural.population.timeline.states(at)
        factor, offset = natural.factor, natural.offset
        self.thresholds = [0] * self.classes
        for class_ in range(self.classes):
            if states[(class_ * factor + offset) & (CLASSES - 1)].gone:
                self.thresholds[class_] = NEVER
            else:
                left = absence(natural.leave_key, class_, at, natural.shape.leave_share)
                if left is not None:
                    self.thresholds[class_] = natural.arrived(left)
        self.successors = self._find_successors()

    def _find_successors(self) -> dict[int, int]:
        """Slots taken by somebody who carries the abandoned username of a founder: {slot: the founder's slot}."""
        natural, found = self.natural, dict[int, int]()
        unturn = pow(natural.factor, -1, CLASSES)
        timeline = natural.population.timeline
        for moment, person_class, style in timeline.renames(self.moment):
            slot = natural.arrived(moment + RECYCLE_DELAY)
            founder = ((person_class - natural.offset) * unturn) & (CLASSES - 1)
            fits = slot < self.slots and slot not in found and founder < natural.shape.founders
            if fits and style == 0 and timeline.gets_recycled(person_class, style) and not natural.is_hidden(founder):
                found[slot] = founder
        return found

    @cached_property
    def hidden(self) -> frozenset[int]:
        """Classes that are counted and never listed."""
        if not self.natural.hidden_below:
            return frozenset()
        return frozenset(class_ for class_ in range(self.classes) if self.natural.is_hidden(class_))

    def _count(self, *, listed: bool) -> int:
        total = 0
        for class_, threshold in enumerate(self.thresholds):
            if listed and class_ in self.hidden:
                continue
            taken = (self.slots - class_ + CLASSES - 1) // CLASSES
            gone = (min(threshold, self.slots) - class_ + CLASSES - 1) // CLASSES
            total += taken - max(gone, 0)
        for slot in self.successors:
            class_ = slot & (CLASSES - 1)
            absent = slot < self.thresholds[class_]
            total += absent or (listed and class_ in self.hidden)
        return total

    @cached_property
    def count(self) -> int:
        """What the profile says."""
        return self._count(listed=False)

    @cached_property
    def listed_count(self) -> int:
        """How many people paging through the whole list gives."""
        return self._count(listed=True)

    @cached_property
    def listing(self) -> list[int]:
        """The thresholds with the hidden classes closed: what a page looks at."""
        closed = self.thresholds.copy()
        for class_ in self.hidden:
            closed[class_] = NEVER
        return closed

    def is_listed(self, slot: int) -> bool:
        """Whether the slot shows up in the list."""
        if slot in self.successors:
            return True
        return slot < self.slots and slot >= self.listing[slot & (CLASSES - 1)]

    def pk_at(self, slot: int) -> int:
        founder = self.successors.get(slot)
        if founder is None:
            return self.natural.population.pk_of(self.natural.index_at(slot))
        return self.natural.population.successor_pk(self.natural.index_at(founder), 0)

    def slot_holding(self, pk: int) -> int | None:
        """The slot where this person is listed now, or None."""
        population, shape = self.natural.population, self.natural.shape
        index = population.index_of(pk)
        origin = None if index is not None else population.predecessor_of(pk)
        if origin is not None:
            founder = self._window_slot(origin[0])
            return next((s for s, f in self.successors.items() if f == founder and origin[1] == 0), None)
        if index is None or not shape.start <= index < shape.start + shape.window:
            return None
        slot = self.natural.slot_of(index)
        return slot if slot not in self.successors and self.is_listed(slot) else None

    def _window_slot(self, index: int) -> int | None:
        shape = self.natural.shape
        return self.natural.slot_of(index) if shape.start <= index < shape.start + shape.window else None

    def walk(self, order: str, position: int) -> Iterator[tuple[int, int]]:
        """(position, slot) of every listed slot from a position on, in one of the orders of `ORDERS`."""
        listing, successors = self.listing, self.successors
        for place, slot in ORDERS[order](self, position):
            if slot >= listing[slot & (CLASSES - 1)] or slot in successors:
                yield place, slot

    def latest(self, position: int) -> Iterator[tuple[int, int]]:
        """Newest first. A position is a slot number + 1; 0 starts at the top, so growth between pages moves nothing."""
        top = position - 1 if position else self.slots - 1
        for slot in range(min(top, self.slots - 1), -1, -1):
            yield slot + 1, slot

    def earliest(self, position: int) -> Iterator[tuple[int, int]]:
        for slot in range(max(position - 1, 0), self.slots):
            yield slot + 1, slot

    def default(self, position: int) -> Iterator[tuple[int, int]]:
        """Newest block first, each block shuffled. A position is block * 256 + place in it, + 1."""
        slots = self.slots
        place = position - 1 if position else ((slots - 1) | (BLOCK - 1)) - (BLOCK - 1)
        while place >= 0:
            block = place & -BLOCK
            turn, shift = (block >> 7) * 2 + 77, (block >> 8) * 89
            for inner in range(place - block, BLOCK):
                slot = block + (((inner * turn) + shift) & (BLOCK - 1))
                if slot < slots:
                    yield block + inner + 1, slot
            place = block - BLOCK


ORDERS = {
    "default": FrozenList.default,
    "date_followed_latest": FrozenList.latest,
    "date_followed_earliest": FrozenList.earliest,
}
"""The orders that `order=` of the private API knows, and its default."""
