"""The band of what is usual, against a model that counts by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring import anomalies

GROWTH = st.dictionaries(st.integers(1, anomalies.DAYS_SEEN), st.integers(-5_000, 5_000).map(float), max_size=56)


def middle(values: Sequence[float]) -> float:
    """The median by sorting and counting from both ends."""
    left = sorted(values)
    while len(left) > 2:
        left = left[1:-1]
    return sum(left) / len(left)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(GROWTH, st.floats(-20_000, 20_000))
def test_the_band_of_growth_is_that_of_the_model(growth: dict[int, float], value: float) -> None:
    weekdays = [growth[age] for age in (7, 14, 21, 28, 35, 42, 49, 56) if age in growth]
    recent = [growth[age] for age in range(1, 29) if age in growth]
    used = weekdays if len(weekdays) >= 6 else recent if len(recent) >= 10 else []
    band = anomalies.growth_band(growth)
    if not used:
        assert band is None
        return
    assert band is not None
    assert (band.samples, band.reason) == (len(used), "same_weekday" if used is weekdays else "all_days")
    centre = middle(used)
    spread = max(1.4826 * middle([abs(one - centre) for one in used]), abs(centre) ** 0.5, 1.0)
    assert band.low == pytest.approx(centre - 4 * spread)
    assert band.high == pytest.approx(centre + 4 * spread)
    assert band.side(value) == (1 if value > band.high else -1 if value < band.low else 0)
    assert band.is_calm(value) == (centre - 3 * spread <= value <= centre + 3 * spread)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 10**6).map(float), max_size=20))
def test_a_post_s_band_holds_the_median_and_needs_enough_posts(others: list[float]) -> None:
    band = anomalies.post_band(others)
    assert (band is None) == (len(others) < anomalies.POSTS_LEAST)
    if band is not None:
        assert 0 <= band.low <= middle(others) + 1e-6
        assert band.high >= sorted(others)[(len(others) - 1) // 2] - 1e-6
        assert band.side(middle(others)) == 0 or len(others) % 2 == 0


def test_a_single_outlier_does_not_move_the_band() -> None:
    usual = {age: float(10 + age % 3) for age in range(1, 29)}
    band, spoiled = anomalies.growth_band(usual), anomalies.growth_band(usual | {3: 90_000.0})
    assert band is not None
    assert spoiled is not None
    assert spoiled.high == pytest.approx(band.high, abs=2)


def test_a_weekly_rhythm_is_usual_on_its_own_day() -> None:
    rhythm = {age: 500.0 + age if age % 7 == 0 else 10.0 for age in range(1, 57)}
    band = anomalies.growth_band(rhythm)
    assert band is not None
    assert band.reason == "same_weekday"
    assert band.side(520) == 0
    assert band.side(10) == -1
