"""What charts say in words and tables, for those who do not look at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from igsite.figures import number, signed
from monitoring.history import History
from monitoring.models import Monitor

NAMES: Final = {
    "followers": gettext_lazy("Followers"), "following": gettext_lazy("Following"), "posts": gettext_lazy("Posts"),
    "likes": gettext_lazy("Likes"), "comments": gettext_lazy("Comments"), "plays": gettext_lazy("Plays"),
}  # fmt: skip
TABLE_ROWS: Final = 60


def named(counts: Sequence[str]) -> list[tuple[str, Any]]:
    """The counts with their words."""
    return [(count, NAMES[count]) for count in counts]


def told(monitor: Monitor, history: History, count: str) -> str:
    """One sentence about the line."""
    known = [(row.at, value) for row in history.points if (value := row.counts.get(count)) is not None]
    if len(known) < 2:
        return _("There are not two measurements of this count in this time.")
    values = {
        "what": NAMES[count], "who": str(monitor), "old": number(known[0][1]), "new": number(known[-1][1]),
        "since": date_format(known[0][0]), "until": date_format(known[-1][0]),
        "change": signed(known[-1][1] - known[0][1]),
    }  # fmt: skip
    sentence = _("%(what)s of %(who)s from %(since)s to %(until)s: %(old)s to %(new)s, %(change)s.") % values
    if history.gaps:
        sentence += " " + _("%(count)d times without measurements.") % {"count": len(history.gaps)}
    return sentence


def told_together(named_histories: Sequence[tuple[str, History]], count: str) -> str:
    """One sentence about several lines."""
    parts = []
    for name, history in named_histories:
        known = [value for row in history.points if (value := row.counts.get(count)) is not None]
        if len(known) > 1:
            parts.append(f"{name} {number(known[0])} → {number(known[-1])} ({signed(known[-1] - known[0])})")
    return f"{NAMES[count]}: " + ("; ".join(parts) if parts else _("nothing measured"))


def table(history: History, counts: Sequence[str]) -> list[tuple[datetime, list[int | None]]]:
    """The points of the chart, newest first, thinned to a table that can be read."""
    rows = history.points[::-1]
    step = max(1, -(-len(rows) // TABLE_ROWS))
    return [(row.at, [row.counts.get(count) for count in counts]) for row in rows[::step]]
