"""The geometry of the calibration plot: numbers for the drawing, no markup. Said lies along, happened upwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from automation.predict_quality import Group

SIZE: Final = 320
LEFT, RIGHT, TOP, BOTTOM = 44, 308, 12, 276


@dataclass(frozen=True, slots=True)
class Dot:
    """A group of people: its place, and the ends of the interval of what happened."""

    x: float
    y: float
    low: float
    high: float
    group: Group


@dataclass(frozen=True, slots=True)
class Plot:
    """All that is drawn: dots and line of what was said, those of the prior, and the scale (place, percent)."""

    said: list[Dot]
    prior: list[Dot]
    across: list[tuple[float, int]]
    up: list[tuple[float, int]]

    @property
    def line(self) -> str:
        """Through the dots of what was said."""
        return _path(self.said)

    @property
    def prior_line(self) -> str:
        """Through those of the prior."""
        return _path(self.prior)


def plot(said: Sequence[Group], prior: Sequence[Group]) -> Plot:
    """The plot of two ways to predict the same people."""
    ticks = (0, 25, 50, 75, 100)
    across = [(_across(tick / 100), tick) for tick in ticks]
    return Plot(_dots(said), _dots(prior), across, [(_up(tick / 100), tick) for tick in ticks])


def _dots(groups: Sequence[Group]) -> list[Dot]:
    return [Dot(_across(one.said), _up(one.happened), _up(one.low), _up(one.high), one) for one in groups]


def _across(share: float) -> float:
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _up(share: float) -> float:
    return round(BOTTOM - share * (BOTTOM - TOP), 1)


def _path(dots: Sequence[Dot]) -> str:
    return "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots) if len(dots) > 1 else ""
