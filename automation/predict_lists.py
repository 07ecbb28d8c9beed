"""Sessions and their predictions as pages and the API show them: keyset-paged, constant in queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from accounts.models import Profile, Workspace
from automation import predict_words
from automation.models import FollowOutcome, OutcomeState, Prediction, PredictionSession
from igsite.jobs.models import Job
from igsite.paging import Page, page_of


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with what came of it: people followed after it, and of them who followed back and who did not."""

    session: PredictionSession
    job: Job | None
    followed: int
    back: int
    not_back: int

    @property
    def is_working(self) -> bool:
        """Whether a job still reads."""
        return self.job is not None and self.job.is_open


@dataclass(frozen=True, slots=True)
class Line:
    """A prediction with the person, its words, and what was observed."""

    row: Prediction
    person: Profile | None
    reasons: list[predict_words.Reason]
    unknown: list[str]
    confidence: str
    confidence_words: str
    outcome: FollowOutcome | None

    @property
    def percent(self) -> int | None:
        """Whole percent; None while nothing is said."""
        return round(100 * self.row.probability) if self.row.is_said else None

    @property
    def spoken(self) -> str:
        """For readers of the screen."""
        return f"{self.row}: {self.percent} %, {self.confidence_words}"

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The interval in whole percent."""
        low, high = self.row.low, self.row.high
        return None if low is None or high is None else (round(100 * low), round(100 * high))


def sessions(workspace: Workspace, *, cursor: str = "", limit: int = 50) -> Page[SessionRow]:
    """The sessions, the newest first."""
    mine = PredictionSession.objects.for_workspace(workspace).select_related("login")
    page = page_of(
        mine, name="prediction-sessions", order=("-created_at", "-id"), cursor=cursor, limit=limit
    )  # fmt: skip
    return Page(with_outcomes(workspace, page.items), page.next)


def with_outcomes(workspace: Workspace, rows: Collection[PredictionSession]) -> list[SessionRow]:
    """Each with its job and its outcomes."""
    jobs = Job.objects.for_workspace(workspace).filter(uuid__in=[row.job_uuid for row in rows if row.job_uuid])
    by_uuid = {job.uuid: job for job in jobs}
    counted = (
        FollowOutcome.objects.for_workspace(workspace)
        .filter(prediction__session__in=rows)
        .values("prediction__session")
        .annotate(
            followed=Count("pk"), back=Count("pk", filter=Q(state=OutcomeState.FOLLOWED_BACK)),
            not_back=Count("pk", filter=Q(state=OutcomeState.DID_NOT)),
        )
        .order_by()
    )  # fmt: skip
    counts: dict[UUID, dict[str, Any]] = {row["prediction__session"]: dict(row) for row in counted}
    none = {"followed": 0, "back": 0, "not_back": 0}
    return [
        SessionRow(
            row, by_uuid.get(row.job_uuid) if row.job_uuid else None,
            *(counts.get(row.pk, none)[name] for name in ("followed", "back", "not_back")),
        )
        for row in rows
    ]  # fmt: skip


def predictions(session: PredictionSession, *, cursor: str = "", limit: int = 50) -> Page[Line]:
    """The people of a session, the likeliest first; those of whom nothing is known last."""
    mine = Prediction.objects.for_workspace(session.workspace_id).filter(session=session)
    page = page_of(
        mine, name=f"predictions-{session.pk}", order=("-probability", "-id"), cursor=cursor, limit=limit
    )  # fmt: skip
    return Page(lines(page.items), page.next)


def of_workspace(workspace: Workspace, *, cursor: str = "", limit: int = 50) -> Page[Line]:
    """All predictions of a workspace, the newest first."""
    mine = Prediction.objects.for_workspace(workspace).select_related("session__login")
    page = page_of(mine, name="predictions", order=("-id",), cursor=cursor, limit=limit)
    return Page(lines(page.items), page.next)


def lines(rows: Collection[Prediction]) -> list[Line]:
    """Each with its person, words and outcome. Two queries however many they are."""
    people = Profile.objects.in_bulk([row.target_pk for row in rows if row.target_pk is not None])
    ended = FollowOutcome.objects.filter(prediction__in=rows).order_by("followed_at", "pk")
    outcomes = {outcome.prediction_id: outcome for outcome in ended}
    found = []
    for row in rows:
        sure, words = predict_words.confidence(row.low, row.high)
        person = people.get(row.target_pk) if row.target_pk is not None else None
        why = predict_words.reasons(row)
        left = predict_words.unknown(row.values)
        found.append(Line(row, person, why, left, sure, words, outcomes.get(row.pk)))
    return found
