"""Monitors written back after they were measured, or could not be: all of a slice by one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.db import connection

from igsite.live import hint_all
from monitoring.models import Monitor

#: What a measurement writes, with the columns' types.
_COLUMNS: Final = {
    "due_at": "timestamptz", "taken_until": "timestamptz", "latest": "jsonb", "facts": "jsonb",
    "checked_at": "timestamptz", "row_at": "timestamptz", "revision": "int", "trouble_since": "timestamptz",
    "trouble_code": "text", "trouble": "text", "username": "text", "profile_id": "bigint", "posted_at": "timestamptz",
    "interval_seconds": "int", "state": "text", "state_at": "timestamptz", "wants_posts": "boolean",
}  # fmt: skip
_SAVE: Final = f"""
update monitoring_monitor monitor set {", ".join(f"{name} = new.{name}" for name in _COLUMNS)}
from jsonb_to_recordset(%s::jsonb) new (id bigint, {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
where monitor.id = new.id
"""  # noqa: S608 - names and types of ours


def save(monitors: Sequence[Monitor]) -> None:
    """Write what a measurement changes of monitors of one workspace, whose rows are locked; open pages are told."""
    if not monitors:
        return
    new = [{"id": one.pk, **{name: getattr(one, name) for name in _COLUMNS}} for one in monitors]
    with connection.cursor() as cursor:
        cursor.execute(_SAVE, [json.dumps(new, default=str)])  # times to the microsecond
    hint_all([one.topic for one in monitors], monitors[0].workspace_id)
