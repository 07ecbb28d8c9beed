"""The hours of the day in which a login works, by the clock on its wall: pure computation.

``opens`` and ``closes`` are local times. ``closes`` before ``opens`` reaches over midnight. The wall decides, so that a
night in which clocks change opens and closes at the same local times as any other.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: A wall clock is set forward or back by two hours at most.
_JUMP_MINUTES = 181
_MINUTE = dt.timedelta(minutes=1)
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From ``opens`` until, not including, ``closes``, in the IANA zone ``zone``. Equal times make no hours."""

    opens: dt.time
    closes: dt.time
    zone: str

    def holds(self, moment: dt.datetime) -> bool:
        """Whether ``moment`` lies within them."""
        wall = moment.astimezone(self._zone).time()
        if self.opens < self.closes:
            return self.opens <= wall < self.closes
        return wall >= self.opens or wall < self.closes

    def next_opening(self, moment: dt.datetime) -> dt.datetime:
        """``moment`` itself if it lies within them, else the first whole minute after it that does."""
        if self.holds(moment):
            return moment
        today = moment.astimezone(self._zone).date()
        for day in (today, today + dt.timedelta(days=1), today + dt.timedelta(days=2)):
            # The earlier reading of a local time that comes twice; of one that does not come, an hour too early.
            wall = dt.datetime.combine(day, self.opens, self._zone)
            earliest = min(wall.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
            start = max(earliest, moment.astimezone(dt.UTC).replace(second=0, microsecond=0))
            for minutes in range(_JUMP_MINUTES if earliest >= moment - dt.timedelta(hours=3) else 0):
                candidate = start + minutes * _MINUTE
                if candidate > moment and self.holds(candidate):
                    return candidate
        raise ValueError(f"{self} never open")

    @property
    def length(self) -> dt.timedelta:
        """How long they are, on a day without a change of clocks."""
        return (_since_midnight(self.closes) - _since_midnight(self.opens)) % _DAY

    def end_of(self, work: dt.timedelta, *, begun_at: dt.datetime) -> dt.datetime:
        """When ``work`` that goes on within these hours only is done. An estimate: changes of clocks are left out."""
        days, rest = divmod(work, self.length)
        begin = self.next_opening(begun_at)
        left = (_since_midnight(self.closes) - _since_midnight(begin.astimezone(self._zone).time())) % _DAY
        if rest > left:
            begin, rest = self.next_opening(begin + left), rest - left
        return begin + rest + days * _DAY

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def _since_midnight(wall: dt.time) -> dt.timedelta:
    return dt.timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)


def is_zone(name: str) -> bool:
    """Whether ``name`` is a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)
