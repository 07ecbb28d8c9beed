"""The ledger of calls: every request of a login, by kind and outcome, and what the usage page reads from it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, Q
from django.db.models.functions import Greatest

from accounts import pace
from accounts.gateway.protocol import RequestKind
from accounts.models import InstagramLogin, SourceCall

log = logging.getLogger(__name__)
_ENDPOINT_LENGTH = 60
_OUTCOME_LENGTH = 30
#: So many good answers are written at once.
_TOLD_TOGETHER = 20
_GOOD = "200"


class Ledger:
    """Writes down the calls of one login during one step. A provider tells it of each request (``gateway.Pacing``).

    A read was reserved before; what came of it is written with a later reservation or by :meth:`settle`, since a row
    without an outcome counts the same: a refusal with the next one, good answers some at a time. Whatever was not
    reserved (the requests of a sign-in, a second request of one read) gets its row at once.
    """

    def __init__(self, *, login_id: UUID, workspace_id: UUID, source: str, clock: Callable[[], datetime]) -> None:
        self._login_id, self._workspace_id, self._source, self._clock = login_id, workspace_id, source, clock
        self._open_call: int | None = None
        self._answered: dict[int, str] = {}
        self._answered_at: datetime | None = None
        self._judged: pace.Judged | None = None

    def reserve(self, endpoint: str, *, now: datetime) -> pace.NotBefore | pace.NotReading | None:
        """Reserve the next read; None when it may be sent. Not within a transaction (``RuntimeError``)."""
        answer = self._reserve(endpoint[:_ENDPOINT_LENGTH], now)
        if isinstance(answer, pace.Reserved):
            self._open_call = answer.call_id
            return None
        return answer

    def _reserve(self, endpoint: str, now: datetime) -> pace.Reserved | pace.NotBefore | pace.NotReading:
        """The short way in one statement where the last read was allowed and nothing changed; else the long one."""
        if self._judged is not None:
            told = self._answered if self._must_be_told() else {}
            reserved = pace.reserve_again(self._judged, endpoint, now=now, source=self._source, outcomes=told)
            if reserved is not None:
                if told:
                    self._forget_answers()
                return reserved
        with transaction.atomic(durable=True):
            self._write_answers()
            answer = pace.reserve_within(self._login_id, endpoint, now=now, source=self._source)
            self._judged = pace.judged(self._login_id) if isinstance(answer, pace.Reserved) else None
        self._forget_answers()
        return answer

    def _must_be_told(self) -> bool:
        """Whether what is known cannot wait: to write each good answer costs more than its reservation."""
        return len(self._answered) >= _TOLD_TOGETHER or any(said != _GOOD for said in self._answered.values())

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
        """A request was answered, or not. Never raises: the request is over and its answer must not be lost."""
        if kind == "read" and self._open_call is not None:
            self._answered[self._open_call] = outcome[:_OUTCOME_LENGTH]
            self._open_call, self._answered_at = None, self._clock()
            return
        try:
            SourceCall.objects.create(
                workspace_id=self._workspace_id, login_id=self._login_id, source=self._source, kind=kind,
                endpoint=endpoint[:_ENDPOINT_LENGTH], at=self._clock(), outcome=outcome[:_OUTCOME_LENGTH],
            )  # fmt: skip
        except DatabaseError:
            log.exception("A %s request of login %s could not be written down.", kind, self._login_id)

    def fail(self, code: str) -> None:
        """The reserved read ended in an error of the tree: its code says more than the status of its answer."""
        if self._open_call is not None:
            self._answered[self._open_call] = code
            self._open_call, self._answered_at = None, self._clock()
        elif self._answered:
            self._answered[max(self._answered)] = code

    def settle(self) -> None:
        """Write what is known by now."""
        self._write_answers()
        self._forget_answers()

    def _write_answers(self) -> None:
        """Outcomes into their rows. The pause after a read counts from its answer."""
        for outcome in set(self._answered.values()):
            calls = [call_id for call_id, said in self._answered.items() if said == outcome]
            SourceCall.objects.filter(pk__in=calls).update(outcome=outcome)
        if self._answered_at is not None and settings.PACE_SCALE:
            earliest = self._answered_at + pace.pause_of(self._login_id)
            InstagramLogin.objects.filter(pk=self._login_id).update(next_read_at=Greatest("next_read_at", earliest))

    def _forget_answers(self) -> None:
        self._answered, self._answered_at = {}, None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a login used, and what it may still use now."""

    reads_last_hour: int
    reads_last_day: int
    budget: pace.Budget
    logins_last_day: int
    refused_last_day: int

    @property
    def left_this_hour(self) -> int | None:
        """Reads left in this hour's window; None without a limit."""
        return None if self.budget.per_hour is None else max(0, self.budget.per_hour - self.reads_last_hour)

    @property
    def left_today(self) -> int | None:
        """Reads left in this day's window; None without a limit."""
        return None if self.budget.per_day is None else max(0, self.budget.per_day - self.reads_last_day)


def usage_of(login: InstagramLogin, now: datetime) -> Usage:
    """One query over the last day of the ledger."""
    read, hour = Q(kind="read"), Q(at__gt=now - timedelta(hours=1))
    counts = SourceCall.objects.filter(login=login, at__gt=now - timedelta(days=1)).aggregate(
        reads=Count("pk", filter=read),
        reads_hour=Count("pk", filter=read & hour),
        logins=Count("pk", filter=Q(kind="login")),
        refused=Count("pk", filter=~Q(outcome__in=("", "200"))),
    )
    return Usage(
        reads_last_hour=counts["reads_hour"],
        reads_last_day=counts["reads"],
        budget=pace.budget_of(login, now),
        logins_last_day=counts["logins"],
        refused_last_day=counts["refused"],
    )
