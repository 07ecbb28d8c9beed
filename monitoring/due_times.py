"""When a monitor is due: slots of its interval, a place of its own among the others, jitter, active hours. Pure.

Slots lie on a fixed grid of UTC: summer time moves none of them, and lateness never adds up. After a downtime the
next slot is the next one of the grid: what was missed is made up by one measurement, not by many.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Final

from scans.schedule_times import moment, place, zone_of

#: Named intervals, as the API, the forms and the files spell them.
NAMED: Final = {"30s": 30, "30m": 1_800, "1h": 3_600, "1d": 86_400, "7d": 604_800}
#: Nothing is due later than this behind one interval: two days of closed hours at most lie between.
CLOSED_LONGEST: Final = timedelta(hours=49)


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one monitor comes due.

    ``anchor`` is a slot; ``key`` names the monitor, so that its place and its jitter are its own and the same each
    time they are worked out. ``opens`` and ``closes`` are times of day in ``zone``, both or neither; a window may go
    over midnight.
    """

    key: str
    anchor: datetime
    interval: timedelta
    jitter_percent: int = 0
    zone: str = "UTC"
    opens: time | None = None
    closes: time | None = None

    def after(self, now: datetime) -> datetime:
        """The first due time after ``now``."""
        number = (now - self.anchor) // self.interval + 1
        slot = self.anchor + number * self.interval + self._jitter(number)
        # Jitter may have put the slot before this one behind now: that one was measured, or is made up by this one.
        return slot if self.opens is None or self._is_open(slot) else self._opening_after(slot)

    def is_out_of_reach(self, due: datetime, now: datetime) -> bool:
        """Whether ``due`` lies further ahead than any due time can: the clock was wrong when it was worked out."""
        closed = CLOSED_LONGEST if self.opens is not None else timedelta(0)
        return due > now + 2 * self.interval + closed

    def _jitter(self, number: int) -> timedelta:
        if not self.jitter_percent:
            return timedelta(0)
        share = int.from_bytes(sha256(f"{self.key}/{number}".encode()).digest()[:8], "big") / 2**64
        return self.interval * (share * self.jitter_percent / 100)

    def _is_open(self, at: datetime) -> bool:
        clock = at.astimezone(zone_of(self.zone)).time()
        opens, closes = self.opens or time(0), self.closes or time(0)
        return opens <= clock < closes if opens < closes else clock >= opens or clock < closes

    def _opening_after(self, at: datetime) -> datetime:
        """In the next window, at the monitor's own place: whoever opens together is not measured together."""
        opens, closes = self.opens or time(0), self.closes or time(0)
        here = at.astimezone(zone_of(self.zone)).date()
        for days in range(3):
            opening = moment(here + timedelta(days=days), opens, self.zone)
            if opening >= at:
                last_day = here + timedelta(days=days + (0 if opens < closes else 1))
                width = moment(last_day, closes, self.zone) - opening
                return opening + place(self.key, min(width, self.interval))
        return at


def first_anchor(key: str, interval: timedelta, now: datetime, *, is_spread: bool) -> datetime:
    """A slot to count from: ``now``, or the monitor's own place in the interval before it.

    Spread over the interval, ten thousand monitors made by one import come due one after the other.
    """
    return now - interval + place(key, interval) if is_spread else now


def seconds_of(text: str) -> int | None:
    """Seconds of an interval as people write it: ``1h``, ``30 m``, ``90s``, ``2d``, ``1w``; None for anything else."""
    text = text.strip().lower().replace(" ", "")
    digits = text.rstrip("smhdw")
    unit = text[len(digits) :]
    sizes = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
    if not digits.isascii() or not digits.isdigit() or len(digits) > 7 or unit not in sizes:
        return None
    return int(digits) * sizes[unit]


def interval_words(seconds: int) -> str:
    """The shortest way to write an interval: ``30s``, ``1h``, ``7d``."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
