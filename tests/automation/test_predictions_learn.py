"""On the hidden behaviour of the simulator's people: predictions learn from what is observed; the page tells it."""

from __future__ import annotations

import pytest
from django.test import Client

from automation import predict_report, predict_training
from automation.features import Facts, Vector, vector
from automation.models import FollowModel, FollowOutcome, OutcomeState, Prediction
from automation.predict_model import PRIOR, Weights, chance, fit
from tests.automation import follow_backs
from tests.automation.follow_backs import HELD_OUT, JUDGED, LEARNED, LESSONS, Target
from tests.automation.follow_world import FollowWorld
from tests.people import Cast


def brier(said: list[float], happened: list[bool]) -> float:
    return sum((p - y) ** 2 for p, y in zip(said, happened, strict=True)) / len(said)


def auc(said: list[float], happened: list[bool]) -> float:
    """Every pair of one who did and one who did not, counted by hand."""
    yes = [p for p, y in zip(said, happened, strict=True) if y]
    no = [p for p, y in zip(said, happened, strict=True) if not y]
    return sum((a > b) + 0.5 * (a == b) for a in yes for b in no) / (len(yes) * len(no))


def calibration(said: list[float], happened: list[bool]) -> float:
    """Ten groups of two hundred."""
    pairs = sorted(zip(said, happened, strict=True), key=lambda pair: pair[0])
    groups = [pairs[i * 200 : (i + 1) * 200] for i in range(10)]
    return sum(abs(sum(p for p, _y in one) - sum(y for _p, y in one)) for one in groups) / len(pairs)


def predicted(world: FollowWorld, targets: list[Target]) -> dict[int, tuple[float, float]]:
    """By person: what the model says, and what the prior would."""
    for start in range(0, len(targets), 200):
        world.predict([one.pk for one in targets[start : start + 200]])
    rows = Prediction.objects.filter(target_pk__in=[one.pk for one in targets])
    return {row.target_pk or 0: (row.probability, row.prior_probability or 0.0) for row in rows}


def learned(cast: Cast, lessons: list[Target], others: list[Target]) -> FollowWorld:
    """A workspace that followed ``lessons`` and saw what came of it."""
    world = FollowWorld(cast.workspace)
    world.people(lessons + others)
    world.scan()
    predicted(world, lessons)
    world.live_through(lessons)
    world.look()
    model = FollowModel.objects.get()
    assert (model.number, model.outcomes) == (1, LEARNED)
    assert model.followed_back == sum(one.follows_back for one in lessons)
    return world


def known(one: Target) -> Vector:
    """What :mod:`automation.features` makes of a row."""
    sample = one.sample or None
    return vector(
        Facts(
            is_private=bool(one.is_private), is_verified=bool(one.is_verified), is_business=bool(one.is_business),
            followers=one.followers, following=one.following, posts=one.posts, follows_you=False, you_follow=False,
            alternative_follows_you=False, sample=sample, sample_follow_you=one.sample_follow_you if sample else None,
            sample_you_follow=one.sample_you_follow if sample else None,
        )
    )  # fmt: skip


def test_in_five_worlds_that_nobody_looked_at_300_outcomes_beat_the_prior_on_2000_others() -> None:
    """Learned in one world, judged in another: the same hidden behaviour, other people. Each pair on its own."""
    distances = []
    for first, second in zip(LESSONS, JUDGED, strict=True):
        lessons, others = follow_backs.targets(first), follow_backs.targets(second)
        assert (len(lessons), len(others)) == (LEARNED, HELD_OUT)
        learned = fit([known(one) for one in lessons], [bool(one.follows_back) for one in lessons])
        happened = [bool(one.follows_back) for one in others]
        rows = [known(one) for one in others]

        def say(weights: Weights, rows: list[Vector] = rows) -> list[float]:
            return [chance(weights, row).probability for row in rows]

        trained, prior = say(learned), say(PRIOR)
        rate = sum(happened) / len(happened)
        assert brier(trained, happened) < min(brier(prior, happened), rate * (1 - rate)), second
        assert auc(trained, happened) > auc(prior, happened), second
        distances.append(calibration(trained, happened))
    assert max(distances) <= 0.05, distances


@pytest.mark.django_db
def test_after_300_outcomes_predictions_of_2000_others_beat_the_prior_and_the_page_says_so(cast: Cast) -> None:
    lessons, others = follow_backs.targets(LESSONS[0]), follow_backs.targets(JUDGED[0])
    world = learned(cast, lessons, others)
    said_of = predicted(world, others)
    world.live_through(others)
    world.look()
    happened = [bool(one.follows_back) for one in others]
    trained, prior = ([said_of[one.pk][i] for one in others] for i in (0, 1))
    rate = sum(happened) / len(happened)
    assert brier(trained, happened) < min(brier(prior, happened), rate * (1 - rate))
    assert auc(trained, happened) > auc(prior, happened)
    assert calibration(trained, happened) <= 0.05

    report = predict_report.report(world.workspace, version=1)
    assert report.said is not None
    assert report.prior is not None
    assert report.counts == {OutcomeState.FOLLOWED_BACK: sum(happened), OutcomeState.DID_NOT: HELD_OUT - sum(happened)}
    assert report.said.brier == pytest.approx(brier(trained, happened))
    assert report.said.auc == pytest.approx(auc(trained, happened))
    assert report.said.calibration == pytest.approx(calibration(trained, happened))
    assert report.prior.brier == pytest.approx(brier(prior, happened))
    assert report.prior.auc == pytest.approx(auc(prior, happened))
    client: Client = cast.client(cast.viewer)
    page = " ".join(client.get("/predictions/quality/?version=1").content.decode().split())
    for figure in (
        brier(trained, happened), auc(trained, happened), calibration(trained, happened), brier(prior, happened),
        auc(prior, happened), rate * (1 - rate),
    ):  # fmt: skip
        assert f">{figure:.4f}</td>" in page
    assert page.count('<circle class="dot"') == 10
    # What was observed of the others is the next lesson.
    assert predict_training.current(world.workspace).number == 2  # type: ignore[union-attr]
    assert FollowOutcome.objects.filter(model_number=0).count() == LEARNED


@pytest.mark.parametrize("seed", [LESSONS[0], JUDGED[-1]])
def test_the_table_is_that_of_the_simulator(seed: int) -> None:
    rows = follow_backs.targets(seed)[::300]
    assert [follow_backs.as_the_world_has_it(row) for row in rows] == rows
