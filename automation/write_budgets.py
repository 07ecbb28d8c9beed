"""How many actions a login may take, and when the next: counted on the attempts, under the lock of the login's row.

Follows, unfollows and removals share a budget; likes and comments have one each; a last one is of all of them.

An Instagram account may be a login of several workspaces: Instagram sees one account, so that what any of them does
counts for all, one of them writes at a time, and what Instagram refused one of them holds the others back.

Windows slide. An attempt counts from its reservation on, and longer than the window by the time that its request may
be late on the wire, so that no window of Instagram's own clock holds more than allowed. What was surely never sent
counts nothing. A new login warms up as its reads do, and what stops its reads stops its actions.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import pace
from accounts.models import InstagramLogin, LoginStatus
from accounts.pace import NotBefore, NotReading
from automation.models import ActionKind, Attempt, AttemptState, WritePace
from automation.models.paces import ALL_PER_DAY, ALL_PER_HOUR, counted_with

#: An intent that is older is void: from the reservation to the mark "sent".
INTENT_LIVES: Final = timedelta(seconds=10)
#: From the mark "sent" to the request: a worker that was held up longer sends no more.
SEND_WITHIN: Final = timedelta(seconds=5)
#: From the mark "sent" on, an answer may still come: longer than every time-out of a request.
ANSWER_WITHIN: Final = timedelta(seconds=120)
#: How much later than its reservation a request may reach Instagram.
LATE: Final = INTENT_LIVES + SEND_WITHIN + ANSWER_WITHIN
_CHANCE: Final = random.SystemRandom()
_OPEN: Final = (AttemptState.INTENT, AttemptState.SENT)


def pace_of(login: InstagramLogin) -> WritePace:
    """The login's own figures, or the defaults (not saved)."""
    return WritePace.objects.filter(login=login).first() or WritePace(login=login)


def same_account(login: InstagramLogin) -> list[UUID]:
    """The login, and those of other workspaces that act as the same Instagram account; in the order of locks."""
    if login.profile_id is None:
        return [login.pk]
    alike = InstagramLogin.objects.filter(profile_id=login.profile_id)
    return list(alike.order_by("pk").values_list("pk", flat=True))


def limits(
    login: InstagramLogin, figures: WritePace, now: datetime, kind: str = ActionKind.FOLLOW
) -> tuple[int, int] | None:
    """Actions like ``kind`` per hour and per day at ``now``, warm-up and scale included; None: no limit at all."""
    return _scaled(figures.budget(kind), login, now)


def _scaled(budget: tuple[int, int], login: InstagramLogin, now: datetime) -> tuple[int, int] | None:
    if settings.PACE_SCALE == 0:
        return None
    part = pace.warmth(login.ready_since, now) / settings.PACE_SCALE
    hour, day = budget
    return max(1, int(hour * part)), max(1, int(day * part))


def why_not_now(login: InstagramLogin, now: datetime, kind: str = ActionKind.FOLLOW) -> NotBefore | NotReading | None:
    """What keeps ``login`` from an action like ``kind`` at ``now``; None: it may.

    Certain only under the locks of the rows of :func:`same_account`.
    """
    if login.status != LoginStatus.READY or login.writes_resume_at is not None:
        status = LoginStatus.FROZEN if login.status == LoginStatus.READY else LoginStatus(login.status)
        return NotReading(status)
    if login.reads_resume_at is not None and login.reads_resume_at > now:
        return NotBefore(login.reads_resume_at, _("The login is cooling down: Instagram asked it to."))
    hours = pace.hours_of(login)
    if hours is not None and not hours.holds(now):
        return NotBefore(hours.next_opening(now), _("The login acts in its working hours only."))
    alike = same_account(login)
    waits = [*_elsewhere(login, alike), *_under_way(alike), *_full(login, alike, now, kind)]
    waits = [wait for wait in waits if wait.at > now]
    return max(waits, key=lambda wait: wait.at, default=None)


def spend(login: InstagramLogin, now: datetime) -> None:
    """The gap after an action, drawn at random. In the transaction of its reservation."""
    figures = pace_of(login)
    gap = timedelta(seconds=_CHANCE.uniform(figures.gap_min, figures.gap_max) * settings.PACE_SCALE)
    WritePace.objects.update_or_create(login=login, defaults={"next_at": now + gap})


def _elsewhere(login: InstagramLogin, alike: list[UUID]) -> list[NotBefore]:
    """What Instagram asked of the same account in another workspace."""
    others = InstagramLogin.objects.filter(pk__in=alike).exclude(pk=login.pk)
    why = _("Instagram asked this account to rest, in another workspace that uses it.")
    rests = others.values_list("reads_resume_at", "writes_resume_at")
    return [NotBefore(until, why) for row in rests for until in row if until is not None]


def _under_way(alike: list[UUID]) -> list[NotBefore]:
    """Another action that may still be on the wire. Once its lease is over, it is settled before anything is sent."""
    open_ = Attempt.objects.filter(login_id__in=alike, state__in=_OPEN).values_list("lease_until", flat=True)
    later = timedelta(seconds=1)
    return [NotBefore(until + later, _("Another action of this login is under way.")) for until in open_]


def _full(login: InstagramLogin, alike: list[UUID], now: datetime, kind: str) -> list[NotBefore]:
    figures = pace_of(login)
    own, together = limits(login, figures, now, kind), _scaled((ALL_PER_HOUR, ALL_PER_DAY), login, now)
    if own is None or together is None:
        return []
    waits = []
    for kinds, limit, window, why in (
        (counted_with(kind), own[0], pace.HOUR, _("This hour's actions of the login are used up.")),
        (counted_with(kind), own[1], pace.DAY, _("This day's actions of the login are used up.")),
        (tuple(ActionKind.values), together[0], pace.HOUR, _("This hour's actions of the login are used up.")),
        (tuple(ActionKind.values), together[1], pace.DAY, _("This day's actions of the login are used up.")),
    ):
        counted = Attempt.objects.filter(login_id__in=alike, kind__in=kinds).exclude(state=AttemptState.VOID)
        newest = counted.order_by("-reserved_at").values_list("reserved_at", flat=True)
        filling = next(iter(newest[limit - 1 : limit]), None)
        if filling is not None:
            waits.append(NotBefore(filling + window + LATE, why))
    pauses = WritePace.objects.filter(login_id__in=alike, next_at__isnull=False).values_list("next_at", flat=True)
    return waits + [NotBefore(until, _("A pause between two actions.")) for until in pauses if until is not None]
