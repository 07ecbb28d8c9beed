"""What is usual, and what is not: a band around the median, as wide as the values themselves scatter. Pure.

The scatter is the median absolute deviation times 1.4826, which equals the standard deviation of a normal distribution
and is not moved by single outliers (Rousseeuw and Croux 1993, *Alternatives to the median absolute deviation*).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p, sqrt
from statistics import median
from typing import Final

#: MAD to standard deviation of a normal distribution.
SCALE: Final = 1.4826
#: Scatters from the median to the edge of the band; within the second number a value is well inside again.
WIDTH: Final = 4.0
CALM_WIDTH: Final = 3.0
#: Days of the same weekday that suffice, else days altogether; looked at are eight weeks.
WEEKDAYS_LEAST: Final = 6
DAYS_LEAST: Final = 10
DAYS_SEEN: Final = 56
#: Other posts at the same age that suffice, and how far a post's band reaches, in scatters of the logarithm.
POSTS_LEAST: Final = 8
POST_WIDTH: Final = 3.0
_POST_SCATTER_LEAST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Band:
    """Usual is from ``low`` to ``high``, well inside from ``calm_low`` to ``calm_high``; by so many ``samples``, chosen
    for the ``reason`` (a key of :data:`monitoring.alert_words.REASONS`)."""

    low: float
    high: float
    calm_low: float
    calm_high: float
    samples: int
    reason: str

    def side(self, value: float) -> int:
        """1 above the band, -1 below it, 0 within."""
        return (value > self.high) - (value < self.low)

    def is_calm(self, value: float) -> bool:
        """Whether the value is well inside."""
        return self.calm_low <= value <= self.calm_high


def scatter(values: Sequence[float]) -> float:
    """The scaled median absolute deviation."""
    middle = median(values)
    return SCALE * median(abs(value - middle) for value in values)


def growth_band(growth_by_age: Mapping[int, float]) -> Band | None:
    """The band of a day's growth, from that of earlier days by their age in days (7: a week ago). None: too few.

    Days of the same weekday where there are enough of them, else all of the last four weeks. The scatter is at least
    the square root of the median, as for counts of independent events, and at least one.
    """
    seasonal = [growth for age, growth in growth_by_age.items() if age % 7 == 0]
    recent = [growth for age, growth in growth_by_age.items() if age <= DAYS_SEEN // 2]
    if len(seasonal) >= WEEKDAYS_LEAST:
        values, reason = seasonal, "same_weekday"
    elif len(recent) >= DAYS_LEAST:
        values, reason = recent, "all_days"
    else:
        return None
    middle = median(values)
    spread = max(scatter(values), sqrt(abs(middle)), 1.0)
    return Band(
        middle - WIDTH * spread, middle + WIDTH * spread, middle - CALM_WIDTH * spread, middle + CALM_WIDTH * spread,
        len(values), reason,
    )  # fmt: skip


def post_band(others: Sequence[float]) -> Band | None:
    """The band of a post's likes and comments, from those of the account's other posts at the same age. None: too few.

    On the logarithm, since posts differ by factors.
    """
    if len(others) < POSTS_LEAST:
        return None
    logs = [log1p(value) for value in others]
    middle, spread = median(logs), max(scatter(logs), _POST_SCATTER_LEAST)
    low, high = exp(middle - POST_WIDTH * spread) - 1, exp(middle + POST_WIDTH * spread) - 1
    return Band(max(low, 0.0), high, low, high, len(others), "posts")
