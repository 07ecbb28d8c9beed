"""The jobs of predictions: reading what is not known about people, and training the next version of the model."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import connect, identities
from accounts.gateway.errors import ContractDrift, GatewayError, Gone, Private
from accounts.gateway.results import Friendship
from accounts.login_steps import guarded
from accounts.models import LoginStatus, Workspace
from automation import features_stored, predict_training, predictions
from automation.models import Prediction, PredictionSession
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run

#: Seconds that one step goes on.
SLICE: Final = 1.5


@register
class ReadTargets(Kind):
    """Reads the people of a session, one after the other, and predicts each anew."""

    name = predictions.READ
    label = gettext_lazy("Look at people for predictions")

    def step(self, run: Run) -> Outcome:
        """Some people more."""
        sessions = PredictionSession.objects.select_related("login", "workspace")
        session = sessions.filter(pk=run.params["session"]).first()
        if session is None or session.login.status == LoginStatus.REMOVED:
            return Done(_("The session or its login was removed."))
        return guarded(
            run, session.login, lambda _login: _read(run, session), refused=lambda error: _after(run, session, error)
        )

    def ended(self, job: Job) -> None:
        """Whatever was not read is waited for no longer."""
        session = PredictionSession.objects.filter(pk=job.params["session"]).first()
        if session is not None:
            predictions.nothing_more(session)


def _read(run: Run, session: PredictionSession) -> Outcome:
    over = time.monotonic() + SLICE
    row = predictions.to_read(session)
    if row is None:
        return Done(_told(run.job.done_units))
    with connect.gateway_for(session.login, clock=run.now) as gateway:
        while row is not None:
            try:
                _one(run, row, gateway)
            except Gone:
                with run.save(done=run.job.done_units + 1, cursor={}):
                    predictions.mark_gone(row)
            if run.cancel_seen or time.monotonic() >= over:
                break
            row = predictions.to_read(session)
    return Again()


def _one(run: Run, row: Prediction, gateway: connect.PacedGateway) -> None:
    """One person; each answer is kept at once, so that a pause in between repeats no read."""
    login, now = row.session.login, run.now()
    known = features_stored.known(login, [row.target_pk]).get(row.target_pk) if row.target_pk else None
    if known is None or known.profile_at is None or now - known.profile_at >= features_stored.FRESH:
        pk = row.target_pk
        seen = gateway.profile(pk) if pk else gateway.profile_by_username(row.username)
        with run.save(cursor=run.cursor | {"read": run.cursor.get("read", 0) + 1}):
            identities.remember(seen, now=now)
            features_stored.keep_profile(login, seen, now=now)
            Prediction.objects.filter(pk=row.pk).update(target_pk=seen.pk)
        row.target_pk = seen.pk
        known = features_stored.known(login, [seen.pk])[seen.pk]
    pk = row.target_pk
    assert pk is not None  # noqa: S101 - for the type checker: the profile was read or known
    if known.relationship_at is None or now - known.relationship_at >= features_stored.FRESH:
        _relationship(run, row, gateway, pk)
    with run.save(done=run.job.done_units + 1, cursor={}):
        predictions.say_again(row, now=run.now())


def _relationship(run: Run, row: Prediction, gateway: connect.PacedGateway, pk: int) -> None:
    tie = _friendship(run, gateway, pk)
    sample = None
    if not tie.is_private or tie.following:
        try:
            sample = [person.pk for person in gateway.followers(pk).people if person.pk is not None]
        except Private:
            sample = None
    with run.save(cursor=run.cursor | {"read": run.cursor.get("read", 0) + 1}):
        features_stored.keep_relationship(row.session.login, tie, sample, now=run.now())


def _friendship(run: Run, gateway: connect.PacedGateway, pk: int) -> Friendship:
    """Kept with the job until the followers are read too: the login pauses between the two."""
    kept = run.cursor.get("tie")
    if kept is not None and kept["pk"] == pk:
        return Friendship(**kept)
    tie = gateway.friendship(pk)
    with run.save(cursor=run.cursor | {"tie": asdict(tie)}):
        pass
    return tie


def _after(run: Run, session: PredictionSession, error: GatewayError) -> Outcome:
    """Wait, or pass over this person, or stop: what the refusal means for the login."""
    tries = run.cursor.get("failures", 0) + 1
    verdict = connect.after_error(session.login, error, now=run.now(), attempt=tries)
    if not isinstance(verdict, connect.End):
        with run.save(cursor=run.cursor | {"failures": tries}):
            pass
        return verdict
    row = predictions.to_read(session)
    if row is None or not isinstance(error, Private | ContractDrift):
        return Failed(verdict.why, verdict.code)
    with run.save(done=run.job.done_units + 1, cursor={"odd": run.cursor.get("odd", 0) + 1}):
        Prediction.objects.filter(pk=row.pk).update(is_pending=False)
    return Failed(verdict.why, verdict.code) if run.cursor.get("odd", 0) >= 3 else Again()


def _told(count: int) -> str:
    return ngettext("%(count)d person was looked at.", "%(count)d people were looked at.", count) % {"count": count}


@register
class TrainModel(Kind):
    """Learns the next version from what was observed."""

    name = predict_training.TRAIN
    label = gettext_lazy("Learn from follow backs")

    def step(self, run: Run) -> Outcome:
        """All of it: some seconds for the most outcomes there can be."""
        workspace = Workspace.objects.filter(pk=str(run.job.workspace_id)).first()
        model = predict_training.train(workspace, now=run.now()) if workspace else None
        if model is None:
            return Done(_("Nothing was observed yet: the prior stays."))
        said = _("Version %(number)d learned from %(count)d outcomes.")
        return Done(said % {"number": model.number, "count": model.outcomes}, {"version": model.number})
