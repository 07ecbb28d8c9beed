"""What a login asked over time, what was refused, and when it reads next: for its usage page and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, DurationField, ExpressionWrapper, F, IntegerField, Max, QuerySet, Value
from django.db.models.functions import Cast, Extract, Floor
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import pace
from accounts.models import InstagramLogin, SourceCall

MOST_REFUSALS: Final = 50
KINDS: Final[dict[str, str | Promise]] = {
    "read": gettext_lazy("Reads"),
    "login": gettext_lazy("Signing in"),
    "write": gettext_lazy("Actions"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """How far back is looked, in columns of equal width."""

    label: str | Promise
    columns: int
    width: timedelta

    @property
    def length(self) -> timedelta:
        return self.columns * self.width


SPANS: Final[dict[str, Span]] = {
    "day": Span(gettext_lazy("24 hours"), 12, timedelta(hours=2)),
    "week": Span(gettext_lazy("7 days"), 7, timedelta(days=1)),
    "quarter": Span(gettext_lazy("90 days"), 9, timedelta(days=10)),
}

#: What an outcome of the ledger means, in words. Codes are those of the error tree (``accounts.gateway.errors``).
_WORDS: Final[dict[str, str | Promise]] = {
    "throttled": gettext_lazy("Too fast: Instagram asked to wait"),
    "action_blocked": gettext_lazy("Actions blocked"),
    "needs_person": gettext_lazy("Instagram wanted a confirmation"),
    "needs_code": gettext_lazy("Instagram wanted a code"),
    "needs_login": gettext_lazy("The session had ended"),
    "bad_password": gettext_lazy("The password was refused"),
    "proxy_blocked": gettext_lazy("The address is blocked"),
    "proxy_unreachable": gettext_lazy("The proxy could not be reached"),
    "private": gettext_lazy("The account is private"),
    "gone": gettext_lazy("The account or post does not exist"),
    "transient": gettext_lazy("No answer, or an error at Instagram"),
    "no_answer": gettext_lazy("No answer"),
    "contract_drift": gettext_lazy("An answer that this site does not understand"),
    "unsupported": gettext_lazy("Not possible this way"),
    "not_sent": gettext_lazy("Reserved, and not sent"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """Requests of one kind: one figure a column, oldest first."""

    kind: str
    label: str
    figures: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.figures)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refusal in the span."""

    outcome: str
    words: str
    kind: str
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """A span of a login's ledger. ``starts`` are the beginnings of the columns."""

    starts: tuple[datetime, ...]
    series: tuple[Series, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class NextRead:
    """When the login may read next: at ``at`` (None: when a person did the next step), and why not earlier."""

    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How much of its budget a login may use by now, and when it is all of it (None: it was never ready)."""

    percent: int
    full_at: datetime | None


def history(login: InstagramLogin, span: Span, now: datetime) -> History:
    """Two queries, whatever the ledger holds."""
    calls = SourceCall.objects.filter(login=login, at__gt=now - span.length, at__lte=now)
    counted = _counted(calls, span, now)
    kinds = [kind for kind in KINDS if kind == "read" or any(known == kind for known, _column in counted)]
    backwards = range(span.columns - 1, -1, -1)
    series = tuple(
        Series(kind, str(KINDS[kind]), tuple(counted.get((kind, column), 0) for column in backwards)) for kind in kinds
    )
    starts = tuple(now - (column + 1) * span.width for column in backwards)
    return History(starts, series, tuple(_refusals(calls)))


def next_read(login: InstagramLogin, now: datetime) -> NextRead:
    """When the next read is due."""
    refusal = pace.why_not_now(login, now)
    if refusal is None:
        return NextRead(now, "")
    if isinstance(refusal, pace.NotBefore):
        return NextRead(refusal.at, refusal.why)
    return NextRead(None, _("The login says: %(status)s.") % {"status": refusal.status.label})


def warm_up(login: InstagramLogin, now: datetime) -> WarmUp:
    """Where the warm-up stands."""
    percent = round(pace.warmth(login.ready_since, now) * 100)
    days = timedelta(days=pace.WARM_UP_DAYS)
    return WarmUp(percent, login.ready_since + days if login.ready_since else None)


def words_of(outcome: str) -> str:
    """An outcome of the ledger in words."""
    if outcome in _WORDS:
        return str(_WORDS[outcome])
    return _("HTTP %(status)s") % {"status": outcome} if outcome.isdigit() else outcome


def _counted(calls: QuerySet[SourceCall], span: Span, now: datetime) -> dict[tuple[str, int], int]:
    """Calls by kind and column; column 0 is the latest."""
    age = ExpressionWrapper(Value(now) - F("at"), output_field=DurationField())
    column = Cast(Floor(Extract(age, "epoch") / span.width.total_seconds()), IntegerField())
    rows = calls.annotate(column=column).values("kind", "column").annotate(calls=Count("pk")).order_by()
    return {(row["kind"], row["column"]): row["calls"] for row in rows}


def _refusals(calls: QuerySet[SourceCall]) -> list[Refusal]:
    refused = calls.exclude(outcome="").exclude(outcome__startswith="2").values("kind", "outcome")
    rows = refused.annotate(times=Count("pk"), last_at=Max("at")).order_by("-last_at", "kind", "outcome")
    return [
        Refusal(row["outcome"], words_of(row["outcome"]), str(KINDS.get(row["kind"], row["kind"])), row["times"],
                row["last_at"])
        for row in rows[:MOST_REFUSALS]
    ]  # fmt: skip
