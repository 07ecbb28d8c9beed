"""Histories for programs, kept in the cache for one interval of their monitor, and outdated by each new measurement.

The number of the measurement is part of the key: a new one simply asks for another entry. So is its time: a database
that was restored counts the same numbers again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache

from igsite.paging import open_cursor, seal_cursor
from monitoring import history, measurement_rows
from monitoring.models import Monitor


@dataclass(frozen=True, slots=True)
class Kept:
    """A page of history, newest first, as plain values. ``was_cached``: nobody had to read the rows for it."""

    rows: list[dict[str, Any]]
    next: str
    was_cached: bool


def page(monitor: Monitor, *, cursor: str = "", limit: int, now: datetime) -> Kept:
    """One page. Raises :class:`igsite.paging.BadCursor`."""
    name = f"history-{monitor.pk}"
    before = datetime.fromisoformat(str(open_cursor(name, cursor)[0])) if cursor else None
    times = ":".join(str(at.timestamp()) if at else "" for at in (monitor.checked_at, before))
    key = f"monitoring:{name}:{monitor.revision}:{limit}:{times}"
    kept = cache.get(key)
    if kept is not None:
        return Kept(kept["rows"], kept["next"], was_cached=True)
    found = measurement_rows.newest(monitor.pk, before=before or now.max.replace(tzinfo=now.tzinfo), limit=limit + 1)
    rows, more = found[:limit], len(found) > limit
    texts = history.fact_at(monitor, "bio", [row.at for row in rows]) if monitor.is_profile else [None] * len(rows)
    plain = [
        {"at": row.at.isoformat(), "bio": text, **{name: row.counts[name] for name in history.counts_of(monitor)}}
        for row, text in zip(rows, texts, strict=True)
    ]
    following = seal_cursor(name, [rows[-1].at]) if more else ""
    cache.set(key, {"rows": plain, "next": following}, timeout=monitor.interval_seconds)
    return Kept(plain, following, was_cached=False)
