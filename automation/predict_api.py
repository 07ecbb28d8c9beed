"""Predictions over the API: what the pages show and do, by the same functions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin
from accounts.tracking import InvalidAccountName, username_in
from automation import predict_lists, predict_report, predictions
from automation.choices import logins_of
from automation.models import Happened, Knowledge, OutcomeState, Prediction, PredictionSession, TargetFacts
from automation.predict_quality import Quality
from igsite.idempotency import idempotent
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.problems import Conflict, Invalid
from igsite.schemas import Body, ErrorOut, PageOut

router = Router()
tasks_router = Router()
targets_router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Pk = Annotated[int, Field(ge=1, lt=1 << 63)]
_REFUSALS = (400, 401, 403, 404, 409, 422, 423, 429, 503)


def answers(good: Any, status: int = 200) -> dict[Any, Any]:
    """What an operation answers: ``good``, or an error in the API's shape."""
    return {status: good, **dict.fromkeys(_REFUSALS, ErrorOut)}


class PredictIn(Body):
    """People to predict, by name, address or Instagram's number, for the login that would follow (else the first)."""

    targets: list[Annotated[str, Field(max_length=2_000)]] = Field(min_length=1, max_length=predictions.MOST)
    login: UUID | None = None
    reads: bool = Field(default=True, description="Read what is not known, within the login's budget.")


class ReasonOut(Schema):
    """A reason in words. `log_odds` add up; `points` is how many percent points it moves the probability."""

    words: str
    log_odds: float
    points: int


class PredictionOut(Schema):
    """One prediction; `probability` null: nothing can be said yet. `low` to `high` hold the truth four times in five.

    `state` says what it rests on; `is_pending`: a task is still to read about this person.
    """

    id: int
    session_id: UUID
    target_pk: int | None
    username: str
    state: Knowledge
    is_pending: bool
    probability: float | None
    low: float | None
    high: float | None
    prior_probability: float | None
    confidence: Literal["none", "low", "medium", "high"]
    model_version: int
    reasons: list[ReasonOut]
    unknown: list[str]
    predicted_at: datetime | None
    feedback: str
    outcome: OutcomeState | None


class TaskOut(Schema):
    """A session. `state` is that of the job that reads for it, `done` where there was nothing to read."""

    task_id: UUID
    state: str
    done: int
    total: int
    message: str
    error: str
    status_url: str


class PredictedOut(Schema):
    """A new session: what can be said at once, likeliest first; the rest when the task is done."""

    task: TaskOut
    predictions: list[PredictionOut]


class FeedbackIn(Body):
    """What happened, not whether the prediction was right; null takes it back."""

    happened: Happened | None


class FiguresOut(Schema):
    """Of one way to predict; `auc` null while all ended alike."""

    count: int
    brier: float
    auc: float | None
    calibration_error: float


class QualityOut(Schema):
    """How good the predictions of those who were followed have been, by three ways to predict the same people."""

    version: int | None
    versions: list[int]
    counts: dict[str, int]
    base_rate: float | None
    said: FiguresOut | None
    prior: FiguresOut | None
    base: FiguresOut | None


class RelationshipOut(Schema):
    """How a person stands to a login, as it was read. Null: not known, or not shown."""

    login_id: UUID
    target_pk: int
    follows_you: bool | None
    you_follow: bool | None
    sample: int | None
    sample_follow_you: int | None
    sample_you_follow: int | None
    category: str
    profile_read_at: datetime | None
    relationship_read_at: datetime | None


@router.post("/follow-back", response=answers(PredictedOut, 202), url_name="predict")
@idempotent
def predict(request: MemberRequest, payload: PredictIn) -> Any:
    """Predict follow backs: at once from what is stored; a task reads what is not."""
    require_role(request, Role.EDITOR)
    names, pks = _targets(payload.targets)
    session = predictions.predict(
        workspace=request.workspace, login=_login(request, payload.login), names=names, pks=pks,
        title=", ".join(payload.targets[:5]), reads=payload.reads, by=request.user, now=timezone.now(),
    )  # fmt: skip
    page = predict_lists.predictions(session, limit=predictions.MOST)
    told = {"task": task_out(session), "predictions": [_out(line) for line in page.items]}
    return Status(202, PredictedOut.model_validate(told))


@router.get("/follow-back/history", response=answers(PageOut[PredictionOut]), url_name="predictions")
def history(request: MemberRequest, session: UUID | None = None, cursor: str = "", limit: Limit = 50) -> Any:
    """All predictions, newest first; with `session` those of one, the likeliest first."""
    if session is not None:
        page = predict_lists.predictions(_session(request, session), cursor=cursor, limit=limit)
    else:
        page = predict_lists.of_workspace(request.workspace, cursor=cursor, limit=limit)
    return {"items": [_out(line) for line in page.items], "next": page.next}


@router.get("/follow-back/quality", response=answers(QualityOut), url_name="predictions_quality")
def quality(request: MemberRequest, version: Annotated[int, Field(ge=0, lt=1 << 31)] | None = None) -> Any:
    """How good predictions have been; with `version` those of one version of the model (0: the untrained prior)."""
    told = predict_report.report(request.workspace, version=version)
    return {
        "version": told.version, "versions": told.versions, "counts": told.counts, "base_rate": told.base_rate,
        "said": _figures(told.said), "prior": _figures(told.prior), "base": _figures(told.base),
    }  # fmt: skip


@router.get("/follow-back/{prediction_id}", response=answers(PredictionOut), url_name="prediction")
def detail(request: MemberRequest, prediction_id: Pk) -> Any:
    """One prediction."""
    return _out(predict_lists.lines([_prediction(request, prediction_id)])[0])


@router.post("/follow-back/{prediction_id}/feedback", response=answers(PredictionOut), url_name="prediction_feedback")
@idempotent
def feedback(request: MemberRequest, prediction_id: Pk, payload: FeedbackIn) -> Any:
    """Say what happened. What scans show is not changed by it, and the model learns from scans alone."""
    row = _prediction(request, prediction_id)
    require_role(request, Role.EDITOR)
    predictions.tell(prediction=row, happened=payload.happened or "", by=request.user, now=timezone.now())
    return _out(predict_lists.lines([row])[0])


@tasks_router.get("/{session_id}/status", response=answers(TaskOut), url_name="prediction_task")
def task_status(request: MemberRequest, session_id: UUID) -> Any:
    """How far the reading of a session is."""
    return task_out(_session(request, session_id))


@tasks_router.post("/{session_id}/cancel", response=answers(TaskOut), url_name="prediction_task_cancel")
@idempotent
def task_cancel(request: MemberRequest, session_id: UUID) -> Any:
    """Stop reading after the present request; what was said stays. 409 where nothing is read."""
    session = _session(request, session_id)
    require_role(request, Role.EDITOR)
    job = Job.objects.for_workspace(request.workspace).named(session.job_uuid)
    if job is None or not job.is_open:
        raise Conflict("Nothing is being read for this session.")
    runner.cancel(job, by=request.user)
    return task_out(session)


@targets_router.get("/{target_pk}/relationship-cache", response=answers(list[RelationshipOut]), url_name="target_cache")
def relationship_cache(request: MemberRequest, target_pk: Pk) -> Any:
    """What is kept about how a person stands to each of the workspace's logins. 404 when nothing is."""
    rows = list(_facts(request, target_pk))
    return rows or get_object_or_404(_facts(request, target_pk))


@targets_router.delete("/{target_pk}/relationship-cache", response=answers(None, 204), url_name="target_cache_forget")
def forget_relationship(request: MemberRequest, target_pk: Pk) -> Any:
    """Forget it; the next prediction reads it again."""
    rows = _facts(request, target_pk)
    get_object_or_404(rows[:1])
    require_role(request, Role.EDITOR)
    rows.delete()
    return Status(204, None)


def _facts(request: MemberRequest, target_pk: int) -> Any:
    return TargetFacts.objects.for_workspace(request.workspace).filter(target_pk=target_pk).order_by("login_id")


def _targets(words: list[str]) -> tuple[list[str], list[int]]:
    names: list[str] = []
    pks: list[int] = []
    for word in words:
        text = word.strip()
        if text.isascii() and text.isdecimal() and 0 < int(text) < 1 << 63:
            pks.append(int(text))
            continue
        try:
            names.append(username_in(text))
        except InvalidAccountName as refusal:
            raise Invalid(str(refusal), fields={"targets": [str(refusal)]}) from refusal
    return list(dict.fromkeys(names)), list(dict.fromkeys(pks))


def _login(request: MemberRequest, login_id: UUID | None) -> InstagramLogin:
    mine = logins_of(request.workspace)
    if login_id is not None:
        login: InstagramLogin = get_object_or_404(mine, pk=login_id)
        return login
    first: InstagramLogin | None = mine.first()
    if first is None:
        raise predictions.NotPredictable("Add an Instagram login first: it is the one that would follow.")
    return first


def _session(request: MemberRequest, session_id: UUID) -> PredictionSession:
    mine = PredictionSession.objects.for_workspace(request.workspace).select_related("login", "workspace")
    return get_object_or_404(mine, pk=session_id)


def _prediction(request: MemberRequest, prediction_id: int) -> Prediction:
    mine = Prediction.objects.for_workspace(request.workspace).select_related("session__workspace")
    return get_object_or_404(mine, pk=prediction_id)


def task_out(session: PredictionSession) -> TaskOut:
    """The session as a task."""
    job = Job.objects.for_workspace(session.workspace_id).named(session.job_uuid)
    base = f"/api/prediction-tasks/{session.pk}"
    return TaskOut(
        task_id=session.pk, state=job.state if job else "done", done=job.done_units if job else session.total,
        total=job.total_units or session.total if job else session.total, message=job.message if job else "",
        error=job.error if job else "", status_url=f"{base}/status",
    )  # fmt: skip


def _out(line: predict_lists.Line) -> dict[str, Any]:
    row = line.row
    return {
        "id": row.pk, "session_id": row.session_id, "target_pk": row.target_pk, "username": row.username,
        "state": row.knowledge, "is_pending": row.is_pending,
        "probability": row.probability if row.is_said else None, "low": row.low, "high": row.high,
        "prior_probability": row.prior_probability, "confidence": line.confidence, "model_version": row.model_number,
        "reasons": [{"words": one.words, "log_odds": one.log_odds, "points": one.points} for one in line.reasons],
        "unknown": line.unknown, "predicted_at": row.predicted_at, "feedback": row.feedback,
        "outcome": line.outcome.state if line.outcome else None,
    }  # fmt: skip


def _figures(told: Quality | None) -> dict[str, Any] | None:
    if told is None:
        return None
    return {"count": told.count, "brier": told.brier, "auc": told.auc, "calibration_error": told.calibration}
