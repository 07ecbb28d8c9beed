"""The mathematics of predictions: regression with a prior, and how good it was."""

from __future__ import annotations

import random

import pytest

from automation.features import FEATURES, NAMES, Facts, vector
from automation.predict_model import PRIOR, Weights, chance, fit, inverse, sigmoid
from automation.predict_quality import quality, wilson

TRUE = tuple(
    {"base": -1.5, "private": 0.8, "followers": -1.2, "overlap": 3.0}.get(name, PRIOR.mean[i])
    for i, name in enumerate(NAMES)
)


def people(count: int, seed: int = 1) -> tuple[list[tuple[float | None, ...]], list[bool]]:
    """Vectors drawn at random, and outcomes of ``TRUE``."""
    lot = random.Random(seed)
    rows, happened = [], []
    for _one in range(count):
        facts = Facts(
            is_private=lot.random() < 0.3, is_verified=lot.random() < 0.05, is_business=lot.random() < 0.2,
            followers=int(10 ** lot.gauss(2.5, 0.7)), following=int(10 ** lot.gauss(2.5, 0.5)),
            posts=lot.randrange(200), follows_you=False, you_follow=False, sample=50,
            sample_follow_you=lot.randrange(25), sample_you_follow=lot.randrange(4),
        )  # fmt: skip
        rows.append(vector(facts))
        logit = sum(w * (v or 0.0) for w, v in zip(TRUE, rows[-1], strict=True))
        happened.append(lot.random() < sigmoid(logit))
    return rows, happened


def test_without_outcomes_the_weights_are_the_priors() -> None:
    fitted = fit([], [])
    assert fitted.mean == pytest.approx(PRIOR.mean)
    for row, wanted in zip(fitted.covariance, PRIOR.covariance, strict=True):
        assert row == pytest.approx(wanted)


def test_many_outcomes_show_the_true_weights_and_make_them_sure() -> None:
    rows, happened = people(3_000)
    fitted = fit(rows, happened)
    for name in ("base", "private", "followers"):
        i = NAMES.index(name)
        doubt = fitted.covariance[i][i] ** 0.5
        assert abs(fitted.mean[i] - TRUE[i]) < 4 * doubt
        assert doubt < FEATURES[i].doubt


def test_the_maximum_is_one() -> None:
    """Any step away from the fit makes the posterior smaller: the gradient there is nothing."""
    rows, happened = people(200)
    fitted = fit(rows, happened)
    precision = inverse([list(row) for row in PRIOR.covariance])
    for i, _feature in enumerate(FEATURES):
        slope = sum(precision[i][j] * (fitted.mean[j] - one.weight) for j, one in enumerate(FEATURES))
        for row, did in zip(rows, happened, strict=True):
            logit = sum(w * (v or 0.0) for w, v in zip(fitted.mean, row, strict=True))
            slope += (sigmoid(logit) - did) * (row[i] or 0.0)
        assert slope == pytest.approx(0, abs=1e-5)


def test_outcomes_all_alike_do_not_run_away() -> None:
    rows, _happened = people(100)
    assert max(abs(weight) for weight in fit(rows, [True] * 100).mean) < 10


def test_what_is_unknown_counts_as_typical_and_widens_the_interval() -> None:
    full = Facts(
        is_private=False, is_verified=False, is_business=False, has_category=False, followers=315, following=315,
        posts=30, follows_you=False, you_follow=False, alternative_follows_you=False, sample=100, sample_follow_you=5,
        sample_you_follow=5,
    )  # fmt: skip
    some = chance(PRIOR, vector(full))
    less = chance(PRIOR, vector(Facts(is_private=False, follows_you=False, you_follow=False)))
    assert less.probability == pytest.approx(some.probability, abs=0.01)
    assert less.high - less.low > some.high - some.low
    assert less.low < less.probability < less.high


def test_how_strong_all_weights_are_is_learned_before_each_of_them() -> None:
    """Outcomes of weights that are twice the prior's pull up even those that no outcome speaks of."""
    lot = random.Random(2)
    rows, happened = [], []
    for _one in range(300):
        size, many = int(10 ** lot.gauss(2.5, 0.7)), int(10 ** lot.gauss(2.5, 0.5))
        facts = Facts(followers=size, following=many, sample=50, sample_follow_you=lot.randrange(25))
        rows.append(vector(facts))
        logit = PRIOR.mean[0] + 2 * sum(w * (v or 0.0) for w, v in zip(PRIOR.mean[1:], rows[-1][1:], strict=True))
        happened.append(lot.random() < sigmoid(logit))
    i = NAMES.index("alternative")
    assert fit(rows, happened).mean[i] > 1.2 * PRIOR.mean[i] > 0


def test_parts_add_up_to_the_probability() -> None:
    rows, happened = people(50)
    said = chance(fit(rows, happened), rows[0])
    assert sigmoid(sum(said.contributions)) == pytest.approx(said.probability)


def test_the_inverse_is_one() -> None:
    lot = random.Random(3)
    half = [[lot.gauss(0, 1) for _j in range(6)] for _i in range(6)]
    matrix = [
        [sum(a * b for a, b in zip(r, s, strict=True)) + (i == j) for j, s in enumerate(half)]
        for i, r in enumerate(half)
    ]
    back = inverse(matrix)
    for i in range(6):
        for j in range(6):
            assert sum(matrix[i][k] * back[k][j] for k in range(6)) == pytest.approx(float(i == j), abs=1e-8)


def test_figures_of_a_small_case_worked_out_by_hand() -> None:
    told = quality([0.1, 0.4, 0.4, 0.9], [False, False, True, True])
    assert told is not None
    assert told.brier == pytest.approx((0.01 + 0.16 + 0.36 + 0.01) / 4)
    assert told.auc == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert told.calibration == pytest.approx(abs(0.45 - 0.5))
    assert quality([], []) is None
    alike = quality([0.2, 0.3], [False, False])
    assert alike is not None
    assert alike.auc is None


def test_wilsons_interval_holds_the_share_and_stays_within_bounds() -> None:
    low, high = wilson(0.0, 10)
    assert low == pytest.approx(0.0)
    assert 0 < high < 0.3
    low, high = wilson(0.5, 1_000)
    assert low < 0.5 < high
    assert high - low < 0.05


def test_weights_are_told_by_name() -> None:
    assert len(set(NAMES)) == len(NAMES) == len(vector(Facts()))
    assert isinstance(PRIOR, Weights)
