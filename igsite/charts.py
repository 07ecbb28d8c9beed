"""Charts drawn on the server as SVG: themed by the style sheet, readable without scripts, with a sentence for readers
of the screen. Every text is escaped; geometry only, no colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from igsite.figures import compact, number

Point = tuple[float, float]
NOTHING = mark_safe("")


def _line(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _scaled(values: Sequence[float], width: float, height: float, margin: float = 2) -> list[Point]:
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = width / (len(values) - 1)
    return [(i * step, margin + (1 - (v - low) / span) * (height - 2 * margin)) for i, v in enumerate(values)]


def spark(values: Sequence[float], width: int = 120, height: int = 32, *, area: bool = False) -> SafeString:
    """A line as small as a word. It says nothing that the figures beside it don't, so it is hidden from readers.

    Fewer than two values make no line: nothing is drawn.
    """
    if len(values) < 2:
        return NOTHING
    path = _line(_scaled(values, width, height))
    below = format_html('<path class="area" d="{}L{} {}L0 {}Z"/>', path, width, height, height) if area else NOTHING
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" width="{}" height="{}" preserveAspectRatio="none" aria-hidden="true"'
        ' focusable="false">{}<path class="line" d="{}"/></svg>',
        width, height, width, height, below, path,
    )  # fmt: skip


def bar(percent: float, label: str = "") -> SafeString:
    """A share from 0 to 100 as a bar, read out as a meter."""
    share = round(min(100.0, max(0.0, percent)), 1)
    return format_html(
        '<svg class="bar" width="100%" height="8" role="meter" aria-valuenow="{}" aria-valuemin="0"'
        ' aria-valuemax="100" aria-label="{}"><rect class="track" width="100%" height="8" rx="4"/>'
        '<rect class="fill" width="{}%" height="8" rx="4"/></svg>',
        share, label or _("Share"), share,
    )  # fmt: skip


def _ticks(low: float, high: float, *, whole: bool, wanted: int = 4) -> list[float]:
    """Round values between ``low`` and ``high``, about ``wanted`` of them (the 1-2-2.5-5 rule).

    ``whole``: what is counted has no halves, and neither has its scale.
    """
    raw = ((high - low) or 1) / wanted
    magnitude = 10 ** math.floor(math.log10(raw))
    steps = [k * magnitude for k in (1, 2, 2.5, 5, 10) if raw <= k * magnitude]
    step = next((step for step in steps if not whole or step % 1 == 0), 1)
    first = math.ceil(low / step)
    return [i * step for i in range(first, math.floor(high / step) + 1)]


def linechart(values: Sequence[float], label: str, width: int = 880, height: int = 260) -> SafeString:
    """A line over time with a scale; ``label`` says in a sentence what it shows. Nothing for fewer than two values."""
    if len(values) < 2:
        return NOTHING
    low, high = min(values), max(values)
    span = (high - low) or 1
    left, top, bottom = 4, 34, 6

    def height_of(value: float) -> float:
        return top + (1 - (value - low) / span) * (height - top - bottom)

    ticks = _ticks(low, high, whole=all(value % 1 == 0 for value in values))
    short = [compact(tick) for tick in ticks]
    words = short if len(set(short)) == len(short) else [number(tick) for tick in ticks]
    grid = format_html_join(
        "",
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}">{}</text>',
        (
            (left, width, f"{y:.1f}", f"{y:.1f}", left, f"{y - 5:.1f}", word)
            for tick, word in zip(ticks, words, strict=True)
            for y in (height_of(tick),)
        ),
    )
    step = (width - left - 6) / (len(values) - 1)
    path = _line((left + i * step, height_of(v)) for i, v in enumerate(values))
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<path class="area" d="{}L{} {}L{} {}Z"/><path class="line" d="{}"/></svg>',
        width, height, label, grid, path, width - 6, height - bottom, left, height - bottom, path,
    )  # fmt: skip


def _spoke(index: int, count: int, value: float) -> Point:
    angle = 2 * math.pi * index / count
    return 200 + 112 * value / 100 * math.sin(angle), 150 - 112 * value / 100 * math.cos(angle)


def _polygon(values: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (_spoke(i, len(values), v) for i, v in enumerate(values)))


def _anchor(x: float) -> str:
    if abs(x - 200) < 2:
        return "middle"
    return "start" if x > 200 else "end"


def radar(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> SafeString:
    """Up to three named series of shares (0 to 100), one spoke a label. Needs at least three labels."""
    if len(labels) < 3:
        return NOTHING
    count = len(labels)
    rings = format_html_join(
        "", '<polygon class="grid" points="{}"/>', ((_polygon([r] * count),) for r in (25, 50, 75, 100))
    )
    names = format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (f"{x:.1f}", f"{y + 4:.1f}", _anchor(x), name)
            for i, name in enumerate(labels)
            for x, y in (_spoke(i, count, 112),)
        ),
    )
    shapes = format_html_join(
        "",
        '<polygon class="poly s{}" points="{}"><title>{}</title></polygon>',
        ((k, _polygon(values), name) for k, (name, values) in enumerate(series, 1)),
    )
    spoken = "; ".join(
        f"{name}: " + ", ".join(f"{label} {value:g} %" for label, value in zip(labels, values, strict=True))
        for name, values in series
    )
    return format_html(
        '<svg class="chart radar" viewBox="0 0 400 300" role="img" aria-label="{}">{}{}{}</svg>',
        spoken, rings, names, shapes,
    )  # fmt: skip


def columns(values: Sequence[float], labels: Sequence[str], suffix: str = "") -> SafeString:
    """Columns with their values above and labels below; a list, so it reads as one."""
    most = max(values, default=0) or 1
    items = format_html_join(
        "",
        '<li><span class="val">{}{}</span><svg width="100%" height="100%" aria-hidden="true" focusable="false">'
        '<rect y="{}%" width="100%" height="{}%" rx="4"/></svg><span class="tick">{}</span></li>',
        (
            (number(value), suffix, f"{100 - value / most * 100:.1f}", f"{value / most * 100:.1f}", label)
            for value, label in zip(values, labels, strict=True)
        ),
    )
    return format_html('<ol class="cols">{}</ol>', items)


def donut(parts: Sequence[tuple[str, float]]) -> SafeString:
    """Shares of a whole, from any amounts; the first is written in the middle. Nothing when all are 0."""
    whole = sum(amount for _name, amount in parts)
    if not whole:
        return NOTHING
    around = 2 * math.pi * 78
    arcs, start = [], 0.0
    for k, (name, amount) in enumerate(parts, 1):
        length = amount / whole * around
        arcs.append(
            (k, f"{max(0.0, length - 3):.2f}", f"{around:.2f}", f"{-start:.2f}", name, round(amount / whole * 100, 1))
        )
        start += length
    circles = format_html_join(
        "",
        '<circle class="arc s{}" cx="100" cy="100" r="78" stroke-width="26" stroke-dasharray="{} {}"'
        ' stroke-dashoffset="{}" transform="rotate(-90 100 100)"><title>{}: {} %</title></circle>',
        arcs,
    )
    spoken = ", ".join(f"{name} {amount / whole * 100:.1f} %" for name, amount in parts)
    return format_html(
        '<svg class="chart donut" viewBox="0 0 200 200" role="img" aria-label="{}">{}'
        '<text class="big" x="100" y="100" text-anchor="middle">{}%</text>'
        '<text class="tick" x="100" y="120" text-anchor="middle">{}</text></svg>',
        spoken, circles, round(parts[0][1] / whole * 100), parts[0][0],
    )  # fmt: skip
