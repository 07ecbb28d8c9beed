"""The geometry of histories: numbers for the drawing, no markup. Times lie along, counts upwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from monitoring.history import History, Mark, Missing

WIDTH: Final = 880
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 6, 874, 34, 262
GAP_LEAST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Hole:
    """A gap on the drawing."""

    x: float
    width: float
    gap: Missing


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment or a value of the scales."""

    place: float
    label: str | int


@dataclass(frozen=True, slots=True)
class Series:
    """One line, in pieces: a gap and a count that was not given break it. ``dots`` are pieces of a single point."""

    name: str
    number: int
    paths: list[str]
    dots: list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn."""

    series: list[Series]
    holes: list[Hole]
    marks: list[tuple[float, Mark]]
    values: list[Tick]
    times: list[tuple[float, datetime]]


def drawing(name: str, history: History, count: str, marks: Sequence[Mark] = ()) -> Drawing | None:
    """The drawing of one count of one monitor; None for fewer than two points."""
    return together([(name, history)], count, marks)


def together(named: Sequence[tuple[str, History]], count: str, marks: Sequence[Mark] = ()) -> Drawing | None:
    """Several histories of the same range on one scale."""
    values = [value for _name, one in named for row in one.points if (value := row.counts.get(count)) is not None]
    if len(values) < 2:
        return None
    since, until = named[0][1].since, named[0][1].until
    low, high = min(values), max(values)

    def across(at: datetime) -> float:
        share = (at - since) / (until - since)
        return round(LEFT + min(max(share, 0.0), 1.0) * (RIGHT - LEFT), 1)

    def up(value: int) -> float:
        return round(BOTTOM - (value - low) / ((high - low) or 1) * (BOTTOM - TOP), 1)

    series = []
    for number, (name, one) in enumerate(named, 1):
        pieces = [[(across(at), up(value)) for at, value in piece] for piece in _pieces(one, count)]
        paths = [_path(piece) for piece in pieces if len(piece) > 1]
        series.append(Series(name, number, paths, [piece[0] for piece in pieces if len(piece) == 1]))
    holes = [_hole(gap, across, until) for gap in named[0][1].gaps] if len(named) == 1 else []
    scale = [Tick(up(value), value) for value in sorted({low, (low + high) // 2, high})]
    times = [(round(LEFT + part * (RIGHT - LEFT), 1), since + part * (until - since)) for part in (0.0, 0.5, 1.0)]
    return Drawing(series, holes, [(across(mark.at), mark) for mark in marks], scale, times)


def _pieces(history: History, count: str) -> list[list[tuple[datetime, int]]]:
    """The points between the gaps, and between points without the count."""
    pieces: list[list[tuple[datetime, int]]] = [[]]
    before: datetime | None = None
    for row in history.points:
        value = row.counts.get(count)
        if value is None or (before is not None and _is_broken(history.gaps, before, row.at)):
            pieces.append([])
        if value is not None:
            pieces[-1].append((row.at, value))
            before = row.at
    return [piece for piece in pieces if piece]


def _is_broken(gaps: Sequence[Missing], old: datetime, new: datetime) -> bool:
    return any(gap.since < new and (gap.until is None or gap.until > old) for gap in gaps)


def _hole(gap: Missing, across: Callable[[datetime], float], until: datetime) -> Hole:
    begin, end = across(gap.since), across(gap.until or until)
    return Hole(begin, round(max(end - begin, GAP_LEAST), 1), gap)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)
