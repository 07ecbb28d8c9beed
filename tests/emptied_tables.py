"""Tests that commit leave the database empty: only what holds rows is emptied, and what Django made at the start stays.

Django's own way truncates each of some 130 tables and makes its content types and permissions anew, after every test.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from django.test import TransactionTestCase

_KEPT: Final = ("django_migrations", "django_content_type", "auth_permission")
#: What a trigger empties along with the table that it belongs to (``scans/migrations/0007_emptied_tables.py``,
#: ``monitoring/migrations/0002_measurement_tables.py``).
_BESIDE: Final = {
    "edge_current", "edge_past", "profile_search", "profile_search_due", "profile_former_name", "profile_name",
    "profile_names_due", "monitoring_measurement", "monitoring_hourly", "monitoring_daily", "monitoring_rolled",
}  # fmt: skip
_TABLES: Final = """
    select relname from pg_class join pg_namespace n on n.oid = relnamespace
    where n.nspname = 'public' and relkind in ('r', 'p') and not relispartition and not relname = any(%s)
"""


def empty_tables(_case: Any) -> None:
    """In place of :meth:`TransactionTestCase._fixture_teardown`."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(_KEPT)])
        names = [name for (name,) in cursor.fetchall()]
        looks = [f"select '{name}' where exists (select from {name})" for name in names]  # noqa: S608
        cursor.execute(" union all ".join(looks))
        filled = [name for (name,) in cursor.fetchall()]
        # Some are emptied by a trigger of another: never twice by one command.
        for group in (_BESIDE & set(filled), set(filled) - _BESIDE):
            if group:
                cursor.execute(f"truncate {', '.join(sorted(group))} cascade")


def teach_django() -> None:
    """From now on tests that commit end this way."""
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]
