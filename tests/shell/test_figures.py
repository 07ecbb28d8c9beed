"""How figures and lengths of time are written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from igsite.figures import compact, distance, number, percent, signed, span


@pytest.mark.parametrize(
    ("value", "full", "short", "with_sign"),
    [
        (None, "–", "–", "–"),
        (0, "0", "0", "±0"),
        (-3, "−3", "−3", "−3"),
        (343, "343", "343", "+343"),
        (1204, "1,204", "1.20K", "+1,204"),
        (18_204, "18,204", "18.2K", "+18,204"),
        (482_120, "482,120", "482K", "+482,120"),
        (1_284_392, "1,284,392", "1.28M", "+1,284,392"),
        (5_000_000_000, "5,000,000,000", "5.00B", "+5,000,000,000"),
        (3.5, "3.5", "3.5", "+3.5"),
    ],
)
def test_figures_carry_separators_and_a_true_minus(value: float | None, full: str, short: str, with_sign: str) -> None:
    assert (number(value), compact(value), signed(value)) == (full, short, with_sign)


@pytest.mark.parametrize(
    ("part", "whole", "shown"), [(0, 10, 0), (9_999, 10_000, 99), (10_000, 10_000, 100), (12, 10, 100), (5, None, 0)]
)
def test_hundred_percent_is_said_only_when_nothing_is_missing(part: int, whole: int | None, shown: int) -> None:
    assert percent(part, whole) == shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (60, "60 seconds"), (120, "2 minutes"), (7200, "2 hours"), (86400 * 3, "3 days")],
)
def test_spans_are_one_unit_in_words(seconds: int, words: str) -> None:
    assert span(seconds) == words == span(timedelta(seconds=seconds))


def test_distances_know_past_and_future() -> None:
    assert [distance(5), distance(7200), distance(-1200)] == ["just now", "2 hours ago", "in 20 minutes"]
