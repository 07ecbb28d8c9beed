"""How fast a login may read, and the reservation that every read needs before it is sent.

The figures are defaults of ours (``docs/domain.md``): Instagram publishes none. Windows slide; they are counted on the
ledger of calls, where a reservation is written and committed before its request leaves, so that a crash can only
over-count. A login that is new to the site warms up: 20 % of its budget on the first day, all of it after 14 days.

``settings.PACE_SCALE`` (1 outside demo and test, which reach this machine only) shortens the pauses and widens the
budgets by its inverse; 0 means neither pauses nor budgets.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Func, TextField
from django.utils.translation import gettext as _

from accounts.models import InstagramLogin, LoginStatus, SourceCall
from accounts.working_hours import WorkingHours

#: Seconds between two reads, drawn at random; nothing goes below the hard minimum but a scaled pause on this machine.
PAUSE_SECONDS: Final = (2.0, 5.0)
PAUSE_MINIMUM: Final = 1.0
WARM_UP_DAYS: Final = 14
WARM_UP_START: Final = 0.2
#: A reserved request may leave later than it was reserved (connect and read time-outs, a paused process), so that two
#: which are an hour apart here may be closer on the wire. Windows are longer by this much.
SLACK: Final = timedelta(seconds=60)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
#: Statuses in which a login reads. A frozen one may: what is frozen is writing; reads have their own date.
READING: Final = frozenset({LoginStatus.READY, LoginStatus.FROZEN})
_CHANCE: Final = random.SystemRandom()
_SEALED: Final = tuple(field.name for field in InstagramLogin._meta.fields if field.name.endswith("_sealed"))
# Where the row lies and who wrote it: every change of a row gives it another version.
_VERSION: Final = "accounts_instagramlogin.ctid::text || ' ' || accounts_instagramlogin.xmin::text"
_AGAIN: Final = f"""
with {{answered}}reader as (
    select id, workspace_id from accounts_instagramlogin where id = %s and {_VERSION} = %s for no key update
)
insert into accounts_sourcecall (workspace_id, login_id, source, kind, endpoint, at, outcome)
select workspace_id, id, %s, 'read', %s, %s, '' from reader returning id
"""  # noqa: S608 (constants only)
_ANSWERED: Final = """
answered as (
    update accounts_sourcecall c set outcome = a.outcome from unnest(%s::bigint[], %s::text[]) a (id, outcome)
    where c.id = a.id
), """


@dataclass(frozen=True, slots=True)
class Budget:
    """Reads allowed in any window of an hour and of a day; None: no limit (``PACE_SCALE`` 0)."""

    per_hour: int | None
    per_day: int | None


@dataclass(frozen=True, slots=True)
class Reserved:
    """A read may be sent now; ``call_id`` is its row in the ledger."""

    call_id: int


@dataclass(frozen=True, slots=True)
class NotBefore:
    """No read before ``at``; ``why`` is a sentence for the person."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class NotReading:
    """The login does not read in this status; a person has the next step."""

    status: LoginStatus


@dataclass(frozen=True, slots=True)
class Judged:
    """A login that was allowed to read, as its row stood then. ``version`` names that very state of the row."""

    login: InstagramLogin
    version: str


def lane(login_id: UUID) -> str:
    """The lane of jobs that use this login: one runs at a time."""
    return f"login-{login_id}"


def warmth(ready_since: datetime | None, now: datetime) -> float:
    """The part of its budget that a login may use: 0.2 on its first day, rising daily to 1 after 14 days."""
    days = (now - ready_since).days if ready_since else 0
    return WARM_UP_START + (1 - WARM_UP_START) * min(max(days, 0) / WARM_UP_DAYS, 1)


def budget_of(login: InstagramLogin, now: datetime) -> Budget:
    """What ``login`` may read at ``now``, warm-up and scale included; at least one read each."""
    if settings.PACE_SCALE == 0:
        return Budget(None, None)
    part = warmth(login.ready_since, now) / settings.PACE_SCALE
    return Budget(max(1, int(login.reads_per_hour * part)), max(1, int(login.reads_per_day * part)))


def pause(between: tuple[float, float] = PAUSE_SECONDS) -> timedelta:
    """How long to wait after a read, drawn ``between`` two figures in seconds."""
    seconds = max(_CHANCE.uniform(*between), PAUSE_MINIMUM)
    return timedelta(seconds=seconds * settings.PACE_SCALE)


def pause_of(login_id: UUID) -> timedelta:
    """The same, between the login's own figures."""
    figures = InstagramLogin.objects.filter(pk=login_id).values_list("pause_min", "pause_max").first()
    return pause(figures or PAUSE_SECONDS)


def reserve_read(login_id: UUID, endpoint: str, *, now: datetime, source: str) -> Reserved | NotBefore | NotReading:
    """Reserve one read, committed when this returns; or say why not now.

    Must not be called within a transaction: a reservation that is not committed before its request is none
    (``RuntimeError``).
    """
    with transaction.atomic(durable=True):
        return reserve_within(login_id, endpoint, now=now, source=source)


def reserve_within(login_id: UUID, endpoint: str, *, now: datetime, source: str) -> Reserved | NotBefore | NotReading:
    """The same, within a transaction that the caller commits before it sends anything."""
    login = InstagramLogin.objects.select_for_update().defer(*_SEALED).get(pk=login_id)
    refusal = _refused(login, now)
    if refusal is not None:
        return refusal
    call = SourceCall.objects.create(
        workspace_id=login.workspace_id, login_id=login_id, source=source, kind="read", endpoint=endpoint, at=now
    )
    if settings.PACE_SCALE:
        InstagramLogin.objects.filter(pk=login_id).update(next_read_at=now + pause((login.pause_min, login.pause_max)))
    return Reserved(call.pk)


def judged(login_id: UUID) -> Judged | None:
    """The login as it stands, for :func:`reserve_again`; None where every read has to be judged for itself.

    That is so wherever there are pauses and budgets to keep: only the demo, tests and measurements have none.
    """
    if settings.PACE_SCALE:
        return None
    version = Func(template=_VERSION, output_field=TextField())
    login, versions = InstagramLogin.objects.defer(*_SEALED), InstagramLogin.objects.values_list(version)
    return Judged(login.get(pk=login_id), versions.get(pk=login_id)[0])


def reserve_again(
    before: Judged, endpoint: str, *, now: datetime, source: str, outcomes: Mapping[int, str]
) -> Reserved | None:
    """Reserve a further read in one statement, and write what came of earlier ones. None: go the long way.

    The statement is a transaction of its own, so that the reservation is committed when this returns. It reserves
    only while the login's row is exactly as it was judged: whatever changed it in between has the read judged anew.
    """
    if settings.PACE_SCALE or connection.in_atomic_block or _refused(before.login, now) is not None:
        return None
    told = (list(outcomes), list(outcomes.values())) if outcomes else ()
    sql = _AGAIN.format(answered=_ANSWERED if outcomes else "")
    with connection.cursor() as cursor:
        cursor.execute(sql, (*told, before.login.pk, before.version, source, endpoint, now))
        row = cursor.fetchone()
    return None if row is None else Reserved(row[0])


def why_not_now(login: InstagramLogin, now: datetime) -> NotBefore | NotReading | None:
    """What keeps ``login`` from reading at ``now``, nothing reserved; None: it may."""
    return _refused(login, now)


def _refused(login: InstagramLogin, now: datetime) -> NotBefore | NotReading | None:
    if login.status == LoginStatus.CONNECTING:
        return NotBefore(now + timedelta(seconds=20), _("The login is signing in."))
    if login.status not in READING:
        return NotReading(LoginStatus(login.status))
    if login.reads_resume_at is not None and login.reads_resume_at > now:
        return NotBefore(login.reads_resume_at, _("The login is cooling down: Instagram asked it to."))
    closed = _closed(login, now)
    if closed is not None:
        return closed
    full = _full_window(login, now)
    if full is not None:
        return full
    if login.next_read_at is not None and login.next_read_at > now:
        return NotBefore(login.next_read_at, _("A pause between two reads."))
    return None


def hours_of(login: InstagramLogin) -> WorkingHours | None:
    """When it works; None: always."""
    if login.opens is None or login.closes is None:
        return None
    return WorkingHours(login.opens, login.closes, login.time_zone)


def _closed(login: InstagramLogin, now: datetime) -> NotBefore | None:
    hours = hours_of(login)
    if hours is None or hours.holds(now):
        return None
    words = {"opens": f"{hours.opens:%H:%M}", "closes": f"{hours.closes:%H:%M}", "zone": hours.zone}
    why = _("The login works from %(opens)s to %(closes)s, %(zone)s.") % words
    return NotBefore(hours.next_opening(now), why)


def _full_window(login: InstagramLogin, now: datetime) -> NotBefore | None:
    budget = budget_of(login, now)
    waits = []
    for limit, window, why in (
        (budget.per_hour, HOUR, _("This hour's reads of the login are used up.")),
        (budget.per_day, DAY, _("This day's reads of the login are used up.")),
    ):
        free_at = _free_at(login, limit, window)
        if free_at is not None and free_at > now:
            waits.append(NotBefore(free_at, why))
    return max(waits, key=lambda wait: wait.at, default=None)


def _free_at(login: InstagramLogin, limit: int | None, window: timedelta) -> datetime | None:
    """When the call that fills the window leaves it; None while the window is not full.

    The window is full as long as the ``limit``-th newest call is in it. A call dated in the future (the clock was set
    back) counts like any other.
    """
    if limit is None:
        return None
    calls = SourceCall.objects.filter(login=login, kind="read").order_by("-at").values_list("at", flat=True)
    filling = next(iter(calls[limit - 1 : limit]), None)
    return None if filling is None else filling + window + SLACK
