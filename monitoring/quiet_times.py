"""When an alert may leave by a channel: quiet hours and digests by the clock on the workspace's wall. Pure.

The wall decides, so that the nights in which clocks change begin and end quiet hours at the same local times as any
other, and a digest has one moment on each date: a local time that comes twice is taken the first time, one that does
not come is taken when the clock has gone over it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from accounts.working_hours import WorkingHours
from scans.schedule_times import moment, zone_of


@dataclass(frozen=True, slots=True)
class Times:
    """A channel's times in ``zone``. ``digest_at`` None: alerts leave at once. ``weekday`` None: every day."""

    zone: str
    digest_at: time | None = None
    weekday: int | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None

    def leaves_at(self, now: datetime, *, is_urgent: bool = False) -> datetime:
        """When an alert of ``now`` leaves: ``now`` itself, or later, together with others.

        ``is_urgent``: quiet hours and digests are not for it. A digest in quiet hours waits for their end.
        """
        if is_urgent:
            return now
        return self.awake(now if self.digest_at is None else self._digest_after(now, self.digest_at))

    def awake(self, when: datetime) -> datetime:
        """``when`` itself, or the end of the quiet hours it lies in."""
        if self.quiet_from is None or self.quiet_until is None:
            return when
        # Awake from the end of the quiet hours until they begin.
        return WorkingHours(self.quiet_until, self.quiet_from, self.zone).next_opening(when)

    def _digest_after(self, now: datetime, at: time) -> datetime:
        today = now.astimezone(zone_of(self.zone)).date()
        for days in range(-1, 9):
            day: date = today + timedelta(days=days)
            if self.weekday is not None and day.weekday() != self.weekday:
                continue
            when = moment(day, at, self.zone)
            if when > now:
                return when
        raise ValueError(f"{self} has no digest")
