"""How fast a source without a login is asked, and the ledger's rows of its requests.

One request at a time for each access, whoever asks, and a pause from its answer on. A request is under way while its
row in the ledger has no outcome; a worker that dies with one holds up the source for :data:`LONGEST` at most.

The figures are defaults of ours where a service publishes none. ``settings.PACE_SCALE`` shortens the pauses as it does
those of logins, 0 means none.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from accounts import pace
from accounts.gateway.protocol import RequestKind
from accounts.models import KeyStatus, SourceAccess, SourceCall, SourceName, Workspace

log = logging.getLogger(__name__)
_CHANCE: Final = random.SystemRandom()
_ENDPOINT_LENGTH, _OUTCOME_LENGTH = 60, 30
#: The longest that a request may take: connecting, and an answer that drips. Whatever is open longer has died.
LONGEST: Final = timedelta(seconds=150)
#: When to look again whether the request under way is answered, at the earliest.
_LOOK_AGAIN: Final = timedelta(seconds=1)
#: What a reservation came to that nothing was sent for.
NOT_SENT: Final = "not_sent"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between two requests, drawn at random, and how many an hour."""

    pause: tuple[float, float]
    per_hour: int


#: The web counts by address, so its rhythm is that of a login. TikHub allows 10 requests a second, Meta 200 an hour.
RHYTHMS: Final = {
    SourceName.WEB: Rhythm((2.0, 5.0), 100),
    SourceName.APIFY: Rhythm((0.1, 0.2), 10_000),
    SourceName.TIKHUB: Rhythm((0.1, 0.2), 10_000),
    SourceName.META: Rhythm((0.5, 1.0), 200),
}


class AccessLedger:
    """Reserves the requests of one access, and writes them down for the workspace that asks."""

    def __init__(self, access: SourceAccess, workspace: Workspace, clock: Callable[[], datetime]) -> None:
        self._access, self._workspace, self._clock = access, workspace, clock
        self._rhythm = RHYTHMS[SourceName(access.source)]
        self._open_call: int | None = None
        self._outcome = ""

    def reserve(self, endpoint: str, *, now: datetime) -> pace.NotBefore | KeyStatus | None:
        """None: the request may be sent, and is in the ledger. Otherwise when it may be, or what is wrong with the key.

        Not within a transaction (``RuntimeError``): what is not committed before its request is no reservation.
        """
        with transaction.atomic(durable=True):
            access = SourceAccess.objects.select_for_update().defer("key_sealed").get(pk=self._access.pk)
            refusal = why_not_now(access, now)
            if refusal is not None:
                return refusal
            call = SourceCall.objects.create(
                workspace=self._workspace,
                source=access.source,
                kind="read",
                endpoint=endpoint[:_ENDPOINT_LENGTH],
                at=now,
            )
            SourceAccess.objects.filter(pk=access.pk).update(next_read_at=now + _pause(access))
        self._open_call, self._outcome = call.pk, ""
        return None

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
        """A request was answered, or not (``gateway.Pacing``). Never raises.

        The reserved one keeps its turn until :meth:`done`: what it was reserved for may take more than one request.
        """
        if self._open_call is not None and not self._outcome:
            self._outcome = outcome
            return
        try:
            SourceCall.objects.create(
                workspace=self._workspace, source=self._access.source, kind=kind, endpoint=endpoint[:_ENDPOINT_LENGTH],
                at=self._clock(), outcome=outcome[:_OUTCOME_LENGTH],
            )  # fmt: skip
        except DatabaseError:
            log.exception("A request to %s could not be written down.", self._access.source)

    def fail(self, code: str) -> None:
        """The reserved request ended in an error of the tree: its code says more than the status of its answer."""
        self._outcome = code

    def done(self) -> None:
        """The reserved request is over: the pause counts from now on. Never raises."""
        call, self._open_call = self._open_call, None
        if call is None:
            return
        try:
            SourceCall.objects.filter(pk=call).update(outcome=(self._outcome or NOT_SENT)[:_OUTCOME_LENGTH])
            if settings.PACE_SCALE:
                earliest = self._clock() + _pause(self._access)
                mine = SourceAccess.objects.filter(pk=self._access.pk)
                mine.update(next_read_at=Greatest("next_read_at", earliest))
        except DatabaseError:
            log.exception("What came of a request to %s could not be written down.", self._access.source)


def why_not_now(access: SourceAccess, now: datetime) -> pace.NotBefore | KeyStatus | None:
    """What keeps the access from being used at ``now``; None: nothing does."""
    if access.status == KeyStatus.REFUSED:
        return KeyStatus.REFUSED
    if access.resumes_at is not None and access.resumes_at > now:
        return pace.NotBefore(access.resumes_at, access.note or _("The source asked us to slow down."))
    if settings.PACE_SCALE == 0:
        return None
    if access.next_read_at is not None and access.next_read_at > now:
        return pace.NotBefore(access.next_read_at, _("A pause between two requests."))
    return _under_way(access, now) or _full_hour(access, now)


def _pause(access: SourceAccess) -> timedelta:
    rhythm = RHYTHMS[SourceName(access.source)]
    return timedelta(seconds=_CHANCE.uniform(*rhythm.pause) * settings.PACE_SCALE)


def _under_way(access: SourceAccess, now: datetime) -> pace.NotBefore | None:
    """When to look again while somebody's request is not answered yet. A row of the future is one of a clock that was
    set back: nobody waits for it."""
    if not _calls(access).filter(outcome="", at__gt=now - LONGEST, at__lte=now + pace.SLACK).exists():
        return None
    return pace.NotBefore(now + max(_pause(access), _LOOK_AGAIN), _("Another request to the source is under way."))


def _calls(access: SourceAccess) -> QuerySet[SourceCall]:
    """The reads of everybody who shares the access."""
    calls = SourceCall.objects.filter(login=None, kind="read", source=access.source)
    return calls if access.workspace_id is None else calls.filter(workspace=access.workspace_id)


def _full_hour(access: SourceAccess, now: datetime) -> pace.NotBefore | None:
    limit = max(1, int(RHYTHMS[SourceName(access.source)].per_hour / settings.PACE_SCALE))
    calls = _calls(access).filter(at__gt=now - pace.HOUR - pace.SLACK)
    filling = next(iter(calls.order_by("-at").values_list("at", flat=True)[limit - 1 : limit]), None)
    if filling is None:
        return None
    return pace.NotBefore(filling + pace.HOUR + pace.SLACK, _("This hour's requests to the source are used up."))
