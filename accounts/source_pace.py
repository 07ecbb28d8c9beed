"""How fast a source without a login is asked, and the ledger's rows of its requests.

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
from django.utils.translation import gettext as _

from accounts import pace
from accounts.gateway.protocol import RequestKind
from accounts.models import KeyStatus, SourceAccess, SourceCall, SourceName, Workspace

log = logging.getLogger(__name__)
_CHANCE: Final = random.SystemRandom()
_ENDPOINT_LENGTH, _OUTCOME_LENGTH = 60, 30


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
        self._is_answered = False

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
            rest = timedelta(seconds=_CHANCE.uniform(*self._rhythm.pause) * settings.PACE_SCALE)
            SourceAccess.objects.filter(pk=access.pk).update(next_read_at=now + rest)
        self._open_call, self._is_answered = call.pk, False
        return None

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
        """A request was answered, or not (``gateway.Pacing``). Never raises."""
        try:
            if self._open_call is not None and not self._is_answered:
                self._is_answered = True
                SourceCall.objects.filter(pk=self._open_call).update(outcome=outcome[:_OUTCOME_LENGTH])
                return
            SourceCall.objects.create(
                workspace=self._workspace, source=self._access.source, kind=kind, endpoint=endpoint[:_ENDPOINT_LENGTH],
                at=self._clock(), outcome=outcome[:_OUTCOME_LENGTH],
            )  # fmt: skip
        except DatabaseError:
            log.exception("A request to %s could not be written down.", self._access.source)

    def fail(self, code: str) -> None:
        """The reserved request ended in an error of the tree: its code says more than the status of its answer."""
        self._is_answered = False
        self.record(kind="read", endpoint="", outcome=code)

    def done(self) -> None:
        """The reserved request is over."""
        self._open_call = None


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
    return _full_hour(access, now)


def _full_hour(access: SourceAccess, now: datetime) -> pace.NotBefore | None:
    limit = max(1, int(RHYTHMS[SourceName(access.source)].per_hour / settings.PACE_SCALE))
    calls = SourceCall.objects.filter(
        login=None, kind="read", source=access.source, at__gt=now - pace.HOUR - pace.SLACK
    )
    if access.workspace_id is not None:
        calls = calls.filter(workspace=access.workspace_id)
    filling = next(iter(calls.order_by("-at").values_list("at", flat=True)[limit - 1 : limit]), None)
    if filling is None:
        return None
    return pace.NotBefore(filling + pace.HOUR + pace.SLACK, _("This hour's requests to the source are used up."))
