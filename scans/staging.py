"""Where the pages of a running scan are gathered: one unlogged table per list and scan.

Unlogged, because it is cheap and losing it loses no truth: after a crash of the database it is empty, which
:func:`count` against the scan's row reveals, and the list is read again from its first page.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from accounts.gateway.results import Person
from scans.fingerprints import fingerprint, name_fingerprint, picture_path

_COLUMNS = """
    pk bigint primary key, name_fp integer not null, fp integer, is_private boolean, is_verified boolean,
    username text not null, full_name text not null, picture_path text not null
"""
_INSERT = """
insert into {table} (pk, name_fp, fp, is_private, is_verified, username, full_name, picture_path)
select * from unnest(%s::bigint[], %s::integer[], %s::integer[], %s::boolean[], %s::boolean[],
                     %s::text[], %s::text[], %s::text[])
on conflict (pk) do nothing
"""


def table(list_scan_id: int) -> str:
    """The name of the table of one list in one scan."""
    return f"scan_staging_{int(list_scan_id)}"


def create(list_scan_id: int) -> None:
    """An empty table; what an earlier attempt left is dropped."""
    drop(list_scan_id)
    with connection.cursor() as cursor:
        cursor.execute(f"create unlogged table {table(list_scan_id)} ({_COLUMNS}) with (autovacuum_enabled = false)")


def drop(list_scan_id: int) -> None:
    """Remove the table, if it is there."""
    with connection.cursor() as cursor:
        cursor.execute("set local client_min_messages = warning")
        cursor.execute(f"drop table if exists {table(list_scan_id)}")


def count(list_scan_id: int) -> int | None:
    """How many different people are staged; None when there is no table."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [table(list_scan_id)])
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute(f"select count(*) from {table(list_scan_id)}")
        return int(cursor.fetchone()[0])


def add(list_scan_id: int, people: Sequence[Person]) -> int:
    """Stage people that carry a pk; whoever is there already is left as first seen. Returns how many were not."""
    if not people:
        return 0
    paths = [picture_path(person.picture_url) for person in people]
    columns = (
        [person.pk for person in people],
        [name_fingerprint(person.username) for person in people],
        [fingerprint(person, path) for person, path in zip(people, paths, strict=True)],
        [person.is_private for person in people],
        [person.is_verified for person in people],
        [person.username for person in people],
        [person.full_name for person in people],
        paths,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(table=table(list_scan_id)), columns)
        return int(cursor.rowcount)


def add_names(list_scan_id: int, known: Sequence[tuple[int, str]]) -> int:
    """Stage (profile id, user name) of people of whom nothing else is known; they change no stored profile."""
    if not known:
        return 0
    size = len(known)
    nothing: list[None] = [None] * size
    columns = (
        [profile_id for profile_id, _name in known],
        [name_fingerprint(name) for _id, name in known],
        nothing,
        nothing,
        nothing,
        [name for _id, name in known],
        [""] * size,
        [""] * size,
    )
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(table=table(list_scan_id)), columns)
        return int(cursor.rowcount)


def is_empty(list_scan_id: int) -> bool:
    """Whether nothing is staged, or there is no table: after a crash of the database an unlogged table is empty."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [table(list_scan_id)])
        if cursor.fetchone()[0] is None:
            return True
        cursor.execute(f"select not exists (select 1 from {table(list_scan_id)})")
        return bool(cursor.fetchone()[0])


def all_staged() -> set[int]:
    """The lists in scans that have a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select substring(relname from 'scan_staging_(\\d+)$')::bigint from pg_class"
            " where relkind = 'r' and relname ~ '^scan_staging_\\d+$'"
        )
        return {int(list_scan_id) for (list_scan_id,) in cursor.fetchall()}
