"""How good predictions have been: Brier score, AUC, calibration. Pure computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Final

from automation.predict_model import FOUR_IN_FIVE

#: Groups of the calibration plot, with about as many people in each; fewer when there are few outcomes.
GROUPS: Final = 10
GROUP_LEAST: Final = 10


@dataclass(frozen=True, slots=True)
class Group:
    """People with similar predictions: what was said on average, and what happened, with Wilson's interval of it."""

    count: int
    said: float
    happened: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one way to predict. ``brier`` is the mean squared error (0 is perfect, lower is better); ``auc`` the chance
    that whoever followed back had been given the higher probability (0.5 is guessing), None while all ended alike;
    ``calibration`` the mean distance between what was said and what happened, over the groups."""

    count: int
    brier: float
    auc: float | None
    calibration: float
    groups: tuple[Group, ...]


def quality(said: Sequence[float], happened: Sequence[bool]) -> Quality | None:
    """Of predictions and their outcomes in the same order; None without any."""
    if not said:
        return None
    pairs = sorted(zip(said, happened, strict=True), key=lambda pair: pair[0])
    groups = _groups(pairs)
    distance = sum(group.count * abs(group.said - group.happened) for group in groups) / len(pairs)
    brier = sum((p - y) ** 2 for p, y in pairs) / len(pairs)
    return Quality(len(pairs), brier, _auc(pairs), distance, groups)


def _auc(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """By the ranks of the positives (Mann and Whitney); equal predictions share their rank."""
    positives = sum(y for _p, y in pairs)
    negatives = len(pairs) - positives
    if not positives or not negatives:
        return None
    ranks, start = 0.0, 0
    while start < len(pairs):
        end = start
        while end < len(pairs) and pairs[end][0] == pairs[start][0]:
            end += 1
        ranks += sum(y for _p, y in pairs[start:end]) * (start + 1 + end) / 2
        start = end
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def _groups(pairs: Sequence[tuple[float, bool]]) -> tuple[Group, ...]:
    wanted = max(1, min(GROUPS, len(pairs) // GROUP_LEAST))
    edges = [round(i * len(pairs) / wanted) for i in range(wanted + 1)]
    return tuple(_group(pairs[low:high]) for low, high in pairwise(edges))


def _group(pairs: Sequence[tuple[float, bool]]) -> Group:
    n = len(pairs)
    share = sum(y for _p, y in pairs) / n
    low, high = wilson(share, n)
    return Group(n, sum(p for p, _y in pairs) / n, share, low, high)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Wilson's interval for a share of ``n``, as wide as the model's own (four in five)."""
    z2 = FOUR_IN_FIVE**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = FOUR_IN_FIVE * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
