"""Emptying Django's tables leaves nothing behind in those that hang on them without a foreign key."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from accounts.models import Profile
from scans.models import EdgeList

pytestmark = pytest.mark.django_db(transaction=True)


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")  # noqa: S608 - a name from this file
        return int((cursor.fetchone() or (0,))[0])


def test_what_hangs_on_people_and_lists_goes_with_them() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("insert into profile_search values (1, 'a', null)")
        cursor.execute("insert into profile_search_due values (1)")
        cursor.execute("insert into profile_former_name values (1, 2, 'a')")
        cursor.execute("insert into edge_current (profile_id, list_id, first_seq, origin_seq, fp, name_fp) "
                       "values (1, 1, 1, 1, 0, 0)")  # fmt: skip
        cursor.execute("insert into profile_name values ('a', 1)")
        cursor.execute("insert into profile_names_due values (1, 2)")
        for model in (Profile, EdgeList):
            cursor.execute(f"truncate {model._meta.db_table} cascade")
    tables = (
        "profile_search", "profile_search_due", "profile_former_name", "profile_name", "profile_names_due",
        "edge_current",
    )  # fmt: skip
    assert {table: rows(table) for table in tables} == dict.fromkeys(tables, 0)
