"""When a schedule is due: local wall clocks, summer time, intervals, and a place of its own for each account. Pure.

A daily schedule belongs to local dates. A wall time that a spring night skips is taken when the clock has gone over it;
one that an autumn night shows twice is taken the first time. Either way each date has exactly one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Accounts that are due at the same time start within so long, each always at its own place.
SPREAD: Final = timedelta(minutes=45)
#: Further ahead than this (an autumn night has an hour more) no daily schedule is due: the clock was wrong.
DAILY_LONGEST: Final = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One moment at which a schedule is due. ``local_date`` is None for intervals, which know no dates."""

    at: datetime
    local_date: date | None = None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Daily ``at_time`` in ``zone``, or ``every`` so long; exactly one of the two."""

    zone: str
    at_time: time | None = None
    every: timedelta | None = None

    @property
    def longest(self) -> timedelta:
        """The longest that the next moment may lie ahead."""
        return self.every if self.every is not None else DAILY_LONGEST

    def first(self, now: datetime) -> Occurrence:
        """The first moment after ``now`` of a rhythm that begins now."""
        return self._dated_after(now) if self.every is None else Occurrence(now + self.every)

    def following(self, due: datetime, now: datetime) -> Occurrence:
        """The first moment after ``now``, given that ``due`` was one: intervals keep their step."""
        if self.every is None:
            return self._dated_after(now)
        steps = max(1, (now - due) // self.every + 1)
        return Occurrence(due + steps * self.every)

    def latest(self, due: datetime, now: datetime) -> Occurrence:
        """The last moment up to ``now``, ``due`` being the oldest that was missed: what one catch-up stands for."""
        if self.every is None:
            return max((one for one in self._around(now) if one.at <= now), key=lambda one: one.at)
        return Occurrence(due + max(0, (now - due) // self.every) * self.every)

    def _dated_after(self, now: datetime) -> Occurrence:
        return min((one for one in self._around(now) if one.at > now), key=lambda one: one.at)

    def _around(self, now: datetime) -> Iterator[Occurrence]:
        here = now.astimezone(zone_of(self.zone)).date()
        for days in range(-2, 3):
            day = here + timedelta(days=days)
            yield Occurrence(moment(day, self.at_time or time(0), self.zone), day)


def moment(day: date, at: time, zone: str) -> datetime:
    """The one moment at which clocks in ``zone`` show, or skip, this time of this date."""
    # fold=0 is the first of two; for a skipped time Python takes the offset before the gap, which ends behind it.
    return datetime.combine(day, at, tzinfo=zone_of(zone)).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The zone, UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def place(key: str, within: timedelta) -> timedelta:
    """How long after the due time this account starts: the same each time, spread evenly over accounts."""
    share = int.from_bytes(sha256(key.encode()).digest()[:8], "big") / 2**64
    return timedelta(seconds=int(within.total_seconds() * share))
