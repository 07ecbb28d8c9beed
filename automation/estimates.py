"""How long a batch takes within the login's budgets, gaps and working hours: the same windows, gone through ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from accounts import pace
from accounts.models import InstagramLogin
from accounts.working_hours import WorkingHours
from automation import write_budgets
from automation.models import Attempt, AttemptState, Batch, Item, ItemState, WritePace
from automation.models.batches import OPEN_STATES
from automation.models.paces import counted_with

#: Beyond so many actions nobody is told a date.
MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """When the first and the last of ``actions`` are sent, as far as can be said; ``ahead`` are those of other batches.

    ``per_hour`` and ``per_day`` are what the login may do now, None without a limit.
    """

    actions: int
    ahead: int
    first_at: datetime
    last_at: datetime
    per_hour: int | None
    per_day: int | None

    @property
    def takes(self) -> timedelta:
        """From the first to the last."""
        return self.last_at - self.first_at

    @property
    def days(self) -> int:
        """Days it stretches over, rounded up; 1 for anything shorter."""
        return max(1, -(-self.takes // timedelta(days=1)))


def estimate(batch: Batch, actions: int, *, start: datetime, now: datetime) -> Estimate:
    """For ``actions`` of ``batch`` that may begin at ``start``, behind what other batches of the login still have."""
    login, figures = batch.login, write_budgets.pace_of(batch.login)
    kinds, kind = counted_with(batch.kind), batch.kind
    others = Item.objects.filter(batch__login=login, state=ItemState.WAITING, batch__state__in=OPEN_STATES)
    others = others.filter(batch__kind__in=kinds)
    ahead = others.exclude(batch__state="staged").exclude(batch=batch).count()
    spent = Attempt.objects.filter(login_id__in=write_budgets.same_account(login), kind__in=kinds)
    spent = spent.filter(reserved_at__gt=now - pace.DAY - write_budgets.LATE)
    spent = spent.exclude(state=AttemptState.VOID).order_by("reserved_at")
    allowed = write_budgets.limits(login, figures, now, kind)
    times = _sent_at(
        min(ahead + actions, MOST), _ready_at(login, figures, max(start, now)), login, figures, kind,
        spent.values_list("reserved_at", flat=True),
    )  # fmt: skip
    own = times[ahead:] or times[-1:] or [start]
    return Estimate(actions, ahead, own[0], own[-1], *(allowed or (None, None)))


def _ready_at(login: InstagramLogin, figures: WritePace, start: datetime) -> datetime:
    """When it may act again: after a freeze, a rest, and the gap that is running."""
    waits = (login.writes_resume_at, login.reads_resume_at, figures.next_at)
    return max([start, *(wait for wait in waits if wait is not None)])


def _sent_at(
    count: int, start: datetime, login: InstagramLogin, figures: WritePace, kind: str, spent: Iterable[datetime]
) -> list[datetime]:
    gap = timedelta(seconds=(figures.gap_min + figures.gap_max) / 2 * settings.PACE_SCALE)
    hours = pace.hours_of(login)
    sent, at, found = deque(spent), start, []
    for _action in range(count):
        at = _free_at(at, lambda moment: write_budgets.limits(login, figures, moment, kind), hours, sent)
        sent.append(at)
        found.append(at)
        at += gap
    return found


def _free_at(
    at: datetime,
    limits: Callable[[datetime], tuple[int, int] | None],
    hours: WorkingHours | None,
    sent: deque[datetime],
) -> datetime:
    for limit, window in zip(limits(at) or (), (pace.HOUR, pace.DAY), strict=False):
        if len(sent) >= limit:
            at = max(at, sent[-limit] + window + write_budgets.LATE)
    return hours.next_opening(at) if hours is not None else at
