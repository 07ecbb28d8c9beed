"""Models of a workspace: versions, and training them on what was observed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import Workspace
from automation import predict_model
from automation.features import NAMES
from automation.models import SETTLED, FollowModel, FollowOutcome, Knowledge, OutcomeState
from automation.predict_model import PRIOR, Weights
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job

TRAIN: Final = "predictions.train"
#: Outcomes a model learns from at most, the newest ones; new ones after which it is trained again.
MOST: Final = 5_000
AGAIN_AFTER: Final = 20
#: People of whom only a list row was known teach nothing about what counts.
_ENOUGH: Final = (Knowledge.PARTIAL, Knowledge.READY)


def lessons(workspace: Workspace) -> list[FollowOutcome]:
    """The newest observed outcomes that are known well enough, newest first."""
    mine = FollowOutcome.objects.for_workspace(workspace).filter(state__in=SETTLED, knowledge__in=_ENOUGH)
    return list(mine.order_by("-followed_at", "-id")[:MOST])


def current(workspace: Workspace) -> FollowModel | None:
    """The newest version; None: only the prior."""
    return FollowModel.objects.for_workspace(workspace).order_by("-number").first()


def weights_of(model: FollowModel | None) -> Weights:
    """As a model predicts with; features that have come since keep their prior."""
    if model is None or tuple(model.features) != NAMES:
        return PRIOR if model is None else _fitted(model)
    return Weights(tuple(model.weights), tuple(tuple(row) for row in model.covariance))


def _fitted(model: FollowModel) -> Weights:
    """A version with other features than today's: what both know is taken over."""
    place = {name: i for i, name in enumerate(model.features)}
    mean = tuple(model.weights[place[name]] if name in place else PRIOR.mean[i] for i, name in enumerate(NAMES))
    covariance = tuple(
        tuple(
            model.covariance[place[one]][place[other]] if one in place and other in place else PRIOR.covariance[i][j]
            for j, other in enumerate(NAMES)
        )
        for i, one in enumerate(NAMES)
    )
    return Weights(mean, covariance)


@transaction.atomic
def train(workspace: Workspace, *, now: datetime) -> FollowModel | None:
    """The next version, from all observed outcomes; None: nothing was observed yet."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    rows = [row for row in lessons(workspace) if len(row.values) == len(NAMES)]
    if not rows:
        return None
    happened = [row.state == OutcomeState.FOLLOWED_BACK for row in rows]
    fitted = predict_model.fit([tuple(row.values) for row in rows], happened)
    last = current(workspace)
    model = FollowModel.objects.create(
        workspace=workspace, number=last.number + 1 if last else 1, features=list(NAMES), weights=list(fitted.mean),
        covariance=[list(row) for row in fitted.covariance], outcomes=len(rows), followed_back=sum(happened),
        through=rows[0].followed_at, trained_at=now,
    )  # fmt: skip
    audit.record(None, "prediction_model.trained", model, workspace=workspace, now=now, details={"outcomes": len(rows)})
    return model


def order(workspace: Workspace, *, by: object = None) -> Job:
    """Have the next version trained; one at a time."""
    return runner.enqueue(TRAIN, workspace=workspace, by=by, dedupe_key="train")  # type: ignore[arg-type]


def is_due(workspace: Workspace) -> bool:
    """Whether enough was observed since the last training."""
    mine = FollowOutcome.objects.for_workspace(workspace).filter(state__in=SETTLED, knowledge__in=_ENOUGH)
    last = current(workspace)
    if last is None:
        return mine.count() >= AGAIN_AFTER
    return mine.filter(seen_at__gt=last.trained_at).count() >= AGAIN_AFTER
