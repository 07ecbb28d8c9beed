"""The loop itself: work is given, the site is disturbed at it, then left in peace until it rests; the verdict."""

from __future__ import annotations

import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import InstagramLogin
from automation import attempts, batches, write_budgets
from automation.kill_loop.cast import Control, Stuck, enter, give_work, patiently
from automation.kill_loop.disturbance import Disturber
from automation.kill_loop.judge import TIES, Verdict, judge, writes_in
from automation.models import ActionKind, Attempt, Batch, BatchState, Item, ItemState
from igsite.jobs.models import Job

#: Seconds of the site's own between two actions of a login, at the pace of the loop (``IGSITE_PACE_PERCENT``).
PACE_PERCENT: Final = 5
SECONDS_AN_ITEM: Final = 6.0
#: How long what was disturbed may take to come to rest: paused workers, leases, the slowest back-off.
PEACE: Final = 600.0
#: One kind of action for each sort of writes that has a budget of its own.
_SORTS: Final = {TIES: ActionKind.FOLLOW, "likes": ActionKind.LIKE, "comments": ActionKind.COMMENT}


@dataclass(frozen=True, slots=True)
class Wish:
    """How long it is disturbed, at most how long between two disturbances, and how it is drawn."""

    seconds: float
    every: float
    seed: int
    longest_pause: float


def run(wish: Wish, *, site: int, say: Callable[[str], None]) -> bool:
    """Disturb the site whose supervisor is process ``site``; whether everything held. The database is its own."""
    logging.getLogger("igsite.audit").setLevel(logging.WARNING)
    control = Control(f"http://127.0.0.1:{settings.SIMULATOR_PORT}")
    items = max(4, int(wish.seconds / SECONDS_AN_ITEM))
    say(f"seed {wish.seed}: three logins, {items} actions each, {wish.seconds:.0f} s")
    workspace, cast = enter(control)
    given = give_work(control, workspace, cast, items=items, tight=5 if wish.seconds > 120 else 1)
    limits = {(login.username, sort): _limits(login, kind) for login in cast for sort, kind in _SORTS.items()}
    chance = random.Random(wish.seed)  # noqa: S311 - to be repeated, not to be unguessable
    disturber = Disturber(site, settings.STATE_DIR, control, chance, wish.longest_pause)
    resumed = _disturb(wish, disturber, given)
    try:
        resumed += _peace(given)
        faults = _left_over()
    except Stuck as stuck:
        faults = [str(stuck)]
    logs = [control.ask(f"log?path={path}&limit=50000")["entries"] for path in ("friendships/", "media/")]
    verdict = judge(writes_in(chain(*logs)), limits)
    _tell(say, verdict, disturber.done, resumed)
    for fault in [*verdict.faults, *faults]:
        say(f"FAULT: {fault}")
    held = not verdict.faults and not faults
    say(f"seed {wish.seed}: " + ("everything held" if held else "IT DID NOT HOLD"))
    return held


def _limits(login: InstagramLogin, kind: str) -> tuple[int, int]:
    found = write_budgets.limits(login, write_budgets.pace_of(login), timezone.now(), kind)
    return found or (sys.maxsize, sys.maxsize)


def _disturb(wish: Wish, disturber: Disturber, given: list[Batch]) -> int:
    """Until the time is over, or nothing is left to disturb. How often a batch had to be resumed, as a person does."""
    end, resumed = time.monotonic() + wish.seconds, 0
    while time.monotonic() < end:
        until = time.monotonic() + disturber.chance.uniform(0.3, wish.every)
        while time.monotonic() < min(until, end):
            disturber.wake()
            time.sleep(0.1)
        disturber.disturb()
        try:
            resumed += _resume(given)
        except (DatabaseError, InterfaceError):
            connection.close()
    disturber.wake(everybody=True)
    return resumed


def _resume(given: list[Batch]) -> int:
    """A job that its killed workers used up leaves its batch paused: somebody looks, and lets it go on."""
    paused = Batch.objects.filter(pk__in=[batch.pk for batch in given], state=BatchState.PAUSED)
    count = 0
    for batch in paused:
        batches.resume(batch=batch, by=None, now=timezone.now())
        count += 1
    return count


def _peace(given: list[Batch]) -> int:
    """Until each batch is done, or its budget is used up: then it is cancelled. What was sent is read."""
    resumed = [0]

    def at_rest() -> bool:
        resumed[0] += _resume(given)
        return not [batch for batch in given if not _rests(batch)]

    patiently(at_rest, "every batch is done or has used up its budget", PEACE)
    for batch in given:
        batches.cancel(batch=batch, by=None, now=timezone.now())
    patiently(lambda: not _unread().exists() and not _open().exists(), "everything that was sent is read", PEACE)
    return resumed[0]


def _rests(batch: Batch) -> bool:
    batch.refresh_from_db()
    if batch.state in (BatchState.DONE, BatchState.CANCELLED):
        return True
    is_read = not _unread().filter(batch=batch).exists() and not _open().filter(item__batch=batch).exists()
    refusal = write_budgets.why_not_now(batch.login, timezone.now(), batch.kind)
    is_full = refusal is not None and getattr(refusal, "at", timezone.now()) > timezone.now() + write_budgets.LATE
    return is_read and is_full


def _unread() -> QuerySet[Item]:
    return Item.objects.filter(state=ItemState.ANSWERED)


def _open() -> QuerySet[Attempt]:
    return Attempt.objects.filter(state__in=attempts.OPEN)


def _left_over() -> list[str]:
    """What must not be left: attempts that are open, items that nobody read, jobs behind a dead lease."""
    found = []
    if _open().exists():
        found.append(f"{_open().count()} attempts are left open")
    if _unread().exists():
        found.append(f"{_unread().count()} actions were sent and never read")
    dead = Job.objects.held().filter(kind=batches.RUN, lease_until__lt=timezone.now())
    if dead.exists():
        found.append(f"{dead.count()} jobs run behind a lease that is over")
    if Batch.objects.filter(state=BatchState.RUNNING).exists():
        found.append("a batch is left running")
    return found


def _tell(say: Callable[[str], None], verdict: Verdict, done: Counter[str], resumed: int) -> None:
    for name, count in sorted(done.items()):
        say(f"  {count:4} x {name}")
    say(f"  {resumed:4} x resumed by a person")
    states = Counter(Item.objects.values_list("state", flat=True))
    say("  items: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    hours = ", ".join(f"{login} {most}" for login, most in sorted(verdict.fullest_hour.items()))
    say(f"  by the simulator's log: {verdict.writes} writes on {verdict.targets} targets; fullest hour: {hours}")
