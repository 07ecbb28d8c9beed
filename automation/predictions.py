"""Predictions of follow backs: said at once from what is stored; a job reads what is not, within the login's budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import connect
from accounts.models import InstagramLogin, LoginStatus, Profile, Workspace
from automation import features_stored, predict_training
from automation.features import vector
from automation.features_stored import Known
from automation.models import FollowModel, Happened, Knowledge, Prediction, PredictionSession
from automation.predict_model import PRIOR, Weights, chance
from igsite import audit
from igsite.jobs import runner
from igsite.problems import Invalid

if TYPE_CHECKING:
    from accounts.models import User

READ: Final = "predictions.read"
#: People of one session: each may take three reads of the login.
MOST: Final = 200
#: Reads that one person takes at most: profile, friendship, first page of their followers.
READS_EACH: Final = 3


class NotPredictable(Invalid):
    """The order makes no session; the message says why. Nothing was changed."""

    code = "not_predictable"


@transaction.atomic
def predict(
    *, workspace: Workspace, login: InstagramLogin, names: Sequence[str] = (), pks: Sequence[int] = (),
    title: str = "", reads: bool = True, by: User | None, now: datetime,
) -> PredictionSession:  # fmt: skip
    """A session with a prediction for everybody named, by user name or by Instagram's number.

    ``reads`` False: nothing is read, whatever is not known stays so. Raises :class:`NotPredictable`.
    """
    if login.workspace_id != workspace.pk or login.status == LoginStatus.REMOVED:
        raise NotPredictable(_("This login is not one of the workspace."))
    numbers = features_stored.numbers_of(names)
    stored = dict(Profile.objects.filter(pk__in=pks, pk__gt=0).values_list("pk", "username"))
    wanted = {stored[pk]: pk for pk in pks if pk in stored} | {name: numbers.get(name) for name in names}
    if not 0 < len(wanted) <= MOST:
        raise NotPredictable(_("Name between 1 and %(most)s people.") % {"most": MOST})
    session = PredictionSession.objects.create(
        workspace=workspace, login=login, title=title[:200], total=len(wanted), created_by=by, created_at=now
    )
    rows = [
        Prediction(session=session, position=position, username=name, target_pk=pk)
        for position, (name, pk) in enumerate(wanted.items())
    ]
    _say_all(session, rows, reads=reads, now=now)
    Prediction.objects.bulk_create(rows)
    if any(row.is_pending for row in rows):
        _order_reading(session, sum(row.is_pending for row in rows), by)
    audit.record(
        by, "prediction.made", session, workspace=workspace, now=now, details={"people": len(rows), "reads": reads}
    )
    return session


def _say_all(session: PredictionSession, rows: Sequence[Prediction], *, reads: bool, now: datetime) -> None:
    found = features_stored.known(session.login, [row.target_pk for row in rows if row.target_pk is not None])
    model = predict_training.current(session.workspace)
    weights = predict_training.weights_of(model)
    for row in rows:
        known = found.get(row.target_pk) if row.target_pk is not None else None
        if known is not None:
            say(row, known, weights, model, now=now)
        row.is_pending = reads and (known is None or not known.is_fresh(now))


def _order_reading(session: PredictionSession, count: int, by: User | None) -> None:
    job = runner.enqueue(
        READ, workspace=session.workspace, by=by, params={"session": str(session.pk)},
        subject=f"@{session.login.username}", subject_url=reverse("predictions:session", args=[session.pk]),
        lane=connect.lane(session.login_id), total=count,
    )  # fmt: skip
    session.job_uuid = job.uuid
    session.save(update_fields=["job_uuid"])


def say(row: Prediction, known: Known, weights: Weights, model: FollowModel | None, *, now: datetime) -> None:
    """Put onto ``row``, unsaved, what follows from the facts."""
    values = vector(known.facts)
    said = chance(weights, values)
    row.username, row.knowledge = known.username, known.knowledge
    row.values, row.parts = list(values), list(said.contributions)
    row.probability, row.low, row.high = said.probability, said.low, said.high
    row.prior_probability = chance(PRIOR, values).probability
    row.model_number, row.predicted_at = model.number if model else 0, now


def say_again(row: Prediction, *, now: datetime) -> None:
    """After something was read about the person: predict anew, and wait for nothing more. Saved."""
    _say_all(row.session, [row], reads=False, now=now)
    names = Prediction.objects.filter(session=row.session, username=row.username).exclude(pk=row.pk)
    if names.exists():  # a rename made two that were named the same person
        row.delete()
    else:
        row.save()


def latest(
    login: InstagramLogin, pks: Iterable[int], *, before: datetime, since: datetime
) -> dict[int, list[Prediction]]:
    """The predictions for each of them between two times, oldest first."""
    said = Prediction.objects.filter(
        session__login=login, target_pk__in=list(pks), predicted_at__lte=before, predicted_at__gt=since,
        probability__gte=0,
    )  # fmt: skip
    found: dict[int, list[Prediction]] = {}
    for row in said.order_by("predicted_at", "pk"):
        if row.target_pk is not None:
            found.setdefault(row.target_pk, []).append(row)
    return found


@transaction.atomic
def tell(*, prediction: Prediction, happened: Happened | str, by: User | None, now: datetime) -> None:
    """A person says what happened; the empty text takes it back. What scans show is not changed by it."""
    if happened and happened not in Happened.values:
        raise NotPredictable(_("Say what happened."))
    Prediction.objects.filter(pk=prediction.pk).update(
        feedback=happened, feedback_at=now if happened else None, feedback_by=by if happened else None
    )
    prediction.refresh_from_db()
    workspace = prediction.session.workspace
    details = {"happened": str(happened), "target": prediction.target_pk}
    audit.record(by, "prediction.feedback", prediction, workspace=workspace, now=now, details=details)


def to_read(session: PredictionSession) -> Prediction | None:
    """Who is to be read next."""
    waiting = Prediction.objects.filter(session=session, is_pending=True).select_related("session__login")
    return waiting.select_related("session__workspace", "session__login").order_by("position").first()


def nothing_more(session: PredictionSession) -> None:
    """The reading ended: what was not read stays as it is."""
    Prediction.objects.filter(session=session, is_pending=True).update(is_pending=False)


def mark_gone(row: Prediction) -> None:
    """Instagram does not show anybody of that name or number."""
    Prediction.objects.filter(pk=row.pk).update(knowledge=Knowledge.GONE, is_pending=False)
