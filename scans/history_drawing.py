"""The geometry of a list's history: numbers for the drawing, no markup. Times lie along, people upwards.

The upper part shows two lines on one scale, what the profile claims and who is stored; below it, on a scale of their
own, columns of who came (up) and left (down) at each scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scans.history import Moment

WIDTH: Final = 880
HEIGHT: Final = 320
LEFT, RIGHT, TOP, LINES_END = 6, 874, 30, 210
MIDDLE, COLUMN = 265, 42


@dataclass(frozen=True, slots=True)
class Dot:
    """One scan on the drawing. ``y`` is None where nothing was stored; then it stands at the foot of the lines."""

    moment: Moment
    x: float
    y: float
    has_stored: bool


@dataclass(frozen=True, slots=True)
class Column:
    """People that came or left at one scan."""

    x: float
    y: float
    width: float
    height: float
    is_loss: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn: paths of both lines, dots, columns, and lines of the scale with their values."""

    claimed: str
    stored: str
    dots: list[Dot]
    columns: list[Column]
    scale: list[tuple[float, int]]
    most_changed: int


def drawing(moments: Sequence[Moment]) -> Drawing | None:
    """The drawing of at least two scans that stored something; None for fewer."""
    values = [value for one in moments for value in (one.claimed, one.stored) if value is not None]
    if sum(one.stored is not None for one in moments) < 2:
        return None
    low, high = min(values), max(values)
    places = _places(moments)

    def height_of(value: int) -> float:
        return round(TOP + (1 - (value - low) / ((high - low) or 1)) * (LINES_END - TOP), 1)

    claimed = [(x, height_of(one.claimed)) for x, one in zip(places, moments, strict=True) if one.claimed is not None]
    stored = [(x, height_of(one.stored)) for x, one in zip(places, moments, strict=True) if one.stored is not None]
    dots = [
        Dot(one, x, LINES_END + 8 if one.stored is None else height_of(one.stored), one.stored is not None)
        for x, one in zip(places, moments, strict=True)
    ]
    most = max((max(one.scan.new_count + one.scan.returned_count, one.scan.lost_count) for one in moments), default=0)
    scale = [(height_of(value), value) for value in sorted({low, (low + high) // 2, high})]
    return Drawing(_path(claimed), _path(stored), dots, _columns(moments, places, most), scale, most)


def _places(moments: Sequence[Moment]) -> list[float]:
    """Where each scan stands: by its time, yet never closer than a column is wide."""
    start, span = moments[0].at, (moments[-1].at - moments[0].at).total_seconds() or 1.0
    least = (RIGHT - LEFT) / max(1, len(moments) - 1) / 3
    places: list[float] = []
    for one in moments:
        x = LEFT + (one.at - start).total_seconds() / span * (RIGHT - LEFT)
        places.append(max(x, places[-1] + least) if places else x)
    over = max(1.0, (places[-1] - LEFT) / (RIGHT - LEFT))
    return [round(LEFT + (x - LEFT) / over, 1) for x in places]


def _columns(moments: Sequence[Moment], places: Sequence[float], most: int) -> list[Column]:
    if not most:
        return []
    width = round(min(14.0, max(2.0, (RIGHT - LEFT) / len(moments) / 3)), 1)
    columns = []
    for x, one in zip(places, moments, strict=True):
        left = round(min(max(x - width / 2, LEFT), RIGHT - width), 1)
        came, lost = (one.scan.new_count + one.scan.returned_count), one.scan.lost_count
        if came:
            tall = round(max(2.0, came / most * COLUMN), 1)
            columns.append(Column(left, MIDDLE - tall, width, tall, is_loss=False))
        if lost:
            columns.append(Column(left, MIDDLE, width, round(max(2.0, lost / most * COLUMN), 1), is_loss=True))
    return columns


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) if len(points) > 1 else ""
