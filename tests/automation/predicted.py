"""Predictions, their outcomes and a search in a workspace: what its pages and its strangers meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import InstagramLogin, Profile
from automation.features import NAMES, Facts, vector
from automation.models import (
    Candidate,
    DiscoverySearch,
    FollowModel,
    FollowOutcome,
    Knowledge,
    Prediction,
    PredictionSession,
    TargetFacts,
)
from automation.predict_model import PRIOR, chance, fit

FACTS = Facts(is_private=False, is_verified=False, followers=420, following=890, posts=37, follows_you=False, sample=50,
              sample_follow_you=9, sample_you_follow=1)  # fmt: skip


@dataclass
class Predicted:
    """The rows by name."""

    session: PredictionSession
    prediction: Prediction
    search: DiscoverySearch
    facts: TargetFacts
    model: FollowModel


def furnish(login: InstagramLogin, profile: Profile, name: str, now: datetime) -> Predicted:
    """A session with a prediction in each state, a trained model, sixty outcomes, and a search. ``name`` marks them."""
    place = login.workspace
    session = PredictionSession.objects.create(workspace=place, login=login, title=name, total=4, created_at=now)
    said, values = chance(PRIOR, vector(FACTS)), list(vector(FACTS))
    full = {
        "probability": said.probability, "low": said.low, "high": said.high, "prior_probability": said.probability,
        "values": values, "parts": list(said.contributions), "predicted_at": now, "target_pk": profile.pk,
    }  # fmt: skip
    prediction = Prediction.objects.create(
        session=session, position=0, username=name, knowledge=Knowledge.READY, **full
    )  # fmt: skip
    for position, state in enumerate((Knowledge.PARTIAL, Knowledge.METADATA_ONLY), 1):
        Prediction.objects.create(session=session, position=position, username=f"{state}.one", knowledge=state, **full)
    Prediction.objects.create(session=session, position=3, username="nobody.here", knowledge=Knowledge.GONE)
    model = _learned(login, prediction, now)
    facts = TargetFacts.objects.create(
        workspace=place, login=login, target_pk=profile.pk, category=name, sample=50, sample_follow_you=9,
        sample_you_follow=1, relationship_read_at=now,
    )  # fmt: skip
    search = DiscoverySearch.objects.create(
        workspace=place, login=login, title=name, options={"accounts": []}, left_out={"private": 3, "safelist": 1},
        found=1, created_at=now,
    )  # fmt: skip
    Candidate.objects.create(search=search, target_pk=profile.pk, lists=2, liked=1, probability=0.61)
    return Predicted(session, prediction, search, facts, model)


def _learned(login: InstagramLogin, prediction: Prediction, now: datetime) -> FollowModel:
    rows, happened = [], []
    for number in range(60):
        rows.append(vector(Facts(followers=100 + 40 * number, following=300, is_private=number % 3 == 0)))
        happened.append(number % 5 < 2)
    fitted = fit(rows, happened)
    for number, (row, did) in enumerate(zip(rows, happened, strict=True)):
        FollowOutcome.objects.create(
            workspace=login.workspace, login=login, target_pk=4_000_100_000 + number, values=list(row),
            followed_at=now - timedelta(days=30, minutes=number), state="followed_back" if did else "did_not",
            probability=chance(fitted, row).probability, prior_probability=chance(PRIOR, row).probability,
            knowledge=Knowledge.PARTIAL, prediction=prediction if number == 0 else None, created_at=now, seen_at=now,
        )  # fmt: skip
    return FollowModel.objects.create(
        workspace=login.workspace, number=1, features=list(NAMES), weights=list(fitted.mean), outcomes=60,
        covariance=[list(row) for row in fitted.covariance], followed_back=24, trained_at=now,
    )  # fmt: skip
