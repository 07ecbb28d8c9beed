"""Logistic regression with a Gaussian prior: its most likely weights, and how sure they are. Pure computation.

The prior knows two kinds of doubt: about each weight, and about how strong all of them are. Some hundred outcomes
settle the second long before the first, and predictions are calibrated by it (as by Platt's scaling, in one model).

The maximum of the posterior by Newton's method and Laplace's approximation around it (Bishop, *Pattern Recognition and
Machine Learning*, 4.4 and 4.5.1). A dozen features and at most some thousand outcomes: plain Python takes a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt
from typing import Final

from automation.features import FEATURES, Vector

#: Standard normal quantile of an interval that holds four in five.
FOUR_IN_FIVE: Final = 1.2816
_TURNS: Final = 50
_CLOSE: Final = 1e-9
Matrix = list[list[float]]
Row = Sequence[float]


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds a unit for each of ``FEATURES``, and their covariance."""

    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """How likely a follow back is. ``low`` to ``high`` hold the true probability four times in five, by the model."""

    probability: float
    low: float
    high: float
    contributions: tuple[float, ...]


#: How far the weights may all be too weak or too strong together, as a share of themselves (standard deviation). What
#: people expect is more often wrong in how much than in which way, so that this is doubted more than any weight alone.
STRENGTH: Final = 0.5


def _covariance() -> tuple[tuple[float, ...], ...]:
    """Of the prior: each weight's own doubt, and one that all but the base share, in proportion to their means."""
    shared = [0.0 if one.name == "base" else STRENGTH * one.weight for one in FEATURES]
    return tuple(
        tuple((one.doubt**2 if i == j else 0.0) + shared[i] * shared[j] for j in range(len(FEATURES)))
        for i, one in enumerate(FEATURES)
    )


#: Before anything was observed.
PRIOR: Final = Weights(tuple(one.weight for one in FEATURES), _covariance())


def chance(weights: Weights, values: Vector) -> Chance:
    """The prediction for one person; what is unknown counts as typical and widens the interval."""
    known = [0.0 if value is None else value for value in values]
    parts = tuple(weight * value for weight, value in zip(weights.mean, known, strict=True))
    logit = sum(parts)
    doubt = sum(
        a * b * c for a, row in zip(known, weights.covariance, strict=True) for b, c in zip(row, known, strict=True)
    )
    for feature, weight, value in zip(FEATURES, weights.mean, values, strict=True):
        if value is None:
            doubt += (weight * feature.spread) ** 2
    width = FOUR_IN_FIVE * sqrt(max(doubt, 0.0))
    return Chance(sigmoid(logit), sigmoid(logit - width), sigmoid(logit + width), parts)


def sigmoid(logit: float) -> float:
    """The probability with these log-odds; never exactly 0 or 1."""
    bounded = min(max(logit, -30.0), 30.0)
    return 1 / (1 + exp(-bounded))


def fit(rows: Sequence[Vector], outcomes: Sequence[bool], prior: Weights = PRIOR) -> Weights:
    """The weights after these outcomes. Without any they are the prior's."""
    known = [[0.0 if value is None else value for value in row] for row in rows]
    precision = inverse([list(row) for row in prior.covariance])
    weights = list(prior.mean)
    loss = _loss(weights, known, outcomes, prior.mean, precision)
    for _turn in range(_TURNS):
        gradient, curvature = _slope(weights, known, outcomes, prior.mean, precision)
        step = _times(inverse(curvature), gradient)
        scale, better = 1.0, loss
        while scale > 1e-4:
            tried = [weight - scale * part for weight, part in zip(weights, step, strict=True)]
            better = _loss(tried, known, outcomes, prior.mean, precision)
            if better <= loss:
                weights = tried
                break
            scale /= 2
        if max(abs(part) for part in step) * scale < _CLOSE or better >= loss:
            break
        loss = better
    _gradient, curvature = _slope(weights, known, outcomes, prior.mean, precision)
    return Weights(tuple(weights), tuple(tuple(row) for row in inverse(curvature)))


def _loss(weights: Row, rows: Sequence[Row], outcomes: Sequence[bool], centre: Row, precision: Matrix) -> float:
    """Minus the logarithm of the posterior, but for a constant."""
    away = [weight - middle for weight, middle in zip(weights, centre, strict=True)]
    total = 0.5 * _dot(away, _times(precision, away))
    for row, happened in zip(rows, outcomes, strict=True):
        logit = _dot(weights, row) * (1 if happened else -1)
        total += log1p(exp(-logit)) if logit > -30 else -logit
    return total


def _slope(
    weights: Row, rows: Sequence[Row], outcomes: Sequence[bool], centre: Row, precision: Matrix
) -> tuple[list[float], Matrix]:
    """Gradient and Hessian of the loss."""
    away = [weight - middle for weight, middle in zip(weights, centre, strict=True)]
    gradient, curvature = _times(precision, away), [list(row) for row in precision]
    for row, happened in zip(rows, outcomes, strict=True):
        p = sigmoid(_dot(weights, row))
        miss, bend = p - happened, p * (1 - p)
        for i, one in enumerate(row):
            if one:
                gradient[i] += miss * one
                line, scaled = curvature[i], bend * one
                for j, other in enumerate(row):
                    line[j] += scaled * other
    return gradient, curvature


def _dot(one: Row, other: Row) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _times(matrix: Sequence[Row], column: Row) -> list[float]:
    return [_dot(row, column) for row in matrix]


def inverse(matrix: Matrix) -> Matrix:
    """Of a symmetric positive definite matrix, by Gauss and Jordan (no pivots are needed for these)."""
    size = len(matrix)
    left = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for i in range(size):
        pivot = left[i][i]
        left[i] = [value / pivot for value in left[i]]
        for k in range(size):
            factor = left[k][i]
            if k != i and factor:
                left[k] = [value - factor * top for value, top in zip(left[k], left[i], strict=True)]
    return [row[size:] for row in left]
