"""The read cache: a day of answers for each workspace, shown with their age.

It spares a request where somebody only looks, and stands in, marked as stale, when no source answers. It is never an
input of a scan, a difference or a measurement: those read :mod:`accounts.sources` themselves.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Final

from accounts.gateway.results import Profile
from accounts.models import SourceAnswer, SourceName, Workspace
from igsite.jobs.housekeeping import nightly
from igsite.text import clean_text

KEPT: Final = timedelta(hours=24)
#: An answer older than this is shown as stale.
FRESH: Final = timedelta(hours=1)
_AT_ONCE: Final = 50_000
_FIELDS: Final = frozenset(field.name for field in fields(Profile))


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of the cache: what was said, by whom and when."""

    profile: Profile
    source: SourceName
    answered_at: datetime

    def age(self, now: datetime) -> timedelta:
        """How old it is."""
        return max(now - self.answered_at, timedelta(0))

    def is_stale(self, now: datetime) -> bool:
        """Whether to say beside it that it is old."""
        return self.age(now) > FRESH


def keep(workspace: Workspace, profile: Profile, source: SourceName, *, now: datetime) -> None:
    """Remember a profile as ``source`` showed it; an older answer goes."""
    SourceAnswer.objects.update_or_create(
        workspace=workspace, question=_question(profile.username),
        defaults={"source": source, "answer": asdict(profile), "answered_at": now, "expires_at": now + KEPT},
    )  # fmt: skip


def profile(workspace: Workspace, username: str, *, now: datetime) -> Kept | None:
    """The last answer about this name within a day; None without one."""
    rows = SourceAnswer.objects.for_workspace(workspace).filter(question=_question(username), expires_at__gt=now)
    row = rows.first()
    if row is None or not row.answer.keys() <= _FIELDS:
        return None
    return Kept(Profile(**row.answer), SourceName(row.source), row.answered_at)


@nightly("accounts.answers")
def forget_expired_answers(now: datetime) -> None:
    """Expired answers, a bounded number a night."""
    old = SourceAnswer.objects.filter(expires_at__lt=now).order_by("pk").values("pk")[:_AT_ONCE]
    SourceAnswer.objects.filter(pk__in=old).delete()


def _question(username: str) -> str:
    return f"profile:{clean_text(username).lower()}"[:120]
