"""Where the pages of a running scan are gathered: one unlogged table per list and scan.

Unlogged, because it is cheap and losing it loses no truth: after a crash of the database it is empty, which
:func:`count` against the scan's row reveals, and the list is read again from its first page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from accounts.gateway.results import Person
from scans.fingerprints import fingerprint, name_fingerprint, picture_path
from scans.person_rows import fetch, number_array

_COLUMNS = """
    pk bigint, name_fp integer not null, fp integer, is_private boolean, is_verified boolean,
    username text not null, full_name text not null, picture_path text not null, primary key (pk) include (fp)
"""
_COPY = "pk, name_fp, fp, is_private, is_verified, username, full_name, picture_path"
Row = tuple[int, int, int | None, bool | None, bool | None, str, str, str]


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
    return _add(list_scan_id, map(_row, people))


def _row(person: Person) -> Row:
    if person.pk is None:
        raise ValueError("people without a number are staged by their names")
    path = picture_path(person.picture_url)
    flags = person.is_private, person.is_verified
    name_fp = name_fingerprint(person.username)
    return person.pk, name_fp, fingerprint(person, path), *flags, person.username, person.full_name, path


def add_names(list_scan_id: int, known: Sequence[tuple[int, str]]) -> int:
    """Stage (profile id, user name) of people of whom nothing else is known; they change no stored profile."""
    return _add(
        list_scan_id, ((number, name_fingerprint(name), None, None, None, name, "", "") for number, name in known)
    )


def _add(list_scan_id: int, rows: Iterable[Row]) -> int:
    """COPY those who are not there yet. Nobody else writes to the table: it is one scan's, and that one job's."""
    first_seen: dict[int, Row] = {}
    for row in rows:
        first_seen.setdefault(row[0], row)
    if not first_seen:
        return 0
    try:
        with transaction.atomic():
            _copy(list_scan_id, first_seen.values())
    except UniqueViolation:  # to look who is there already costs as much as all the rest: only when somebody is
        for number in _staged(list_scan_id, first_seen):
            del first_seen[number]
        _copy(list_scan_id, first_seen.values())
    return len(first_seen)


def _copy(list_scan_id: int, rows: Iterable[Row]) -> None:
    """All rows in one piece: row by row they cost twice as much."""
    with connection.cursor() as cursor, cursor.copy(f"copy {table(list_scan_id)} ({_COPY}) from stdin") as copy:
        copy.write("".join(map(_line, rows)))


#: What means something in a line of COPY, tabs excepted.
_SPECIAL: Final = re.compile(r"[\\\n\r]").search
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL: Final = r"\N"
_TOLD: Final = {None: _NULL, False: "f", True: "t"}


def _line(row: Row) -> str:
    pk, name_fp, fp, is_private, is_verified, username, full_name, path = row
    texts = f"{username}\t{full_name}\t{path}"
    if _SPECIAL(texts) or texts.count("\t") != 2:
        texts = "\t".join(text.translate(_ESCAPES) for text in (username, full_name, path))
    return f"{pk}\t{name_fp}\t{_NULL if fp is None else fp}\t{_TOLD[is_private]}\t{_TOLD[is_verified]}\t{texts}\n"


def _staged(list_scan_id: int, numbers: Iterable[int]) -> list[int]:
    sql = f"select pk from {table(list_scan_id)} where pk = any(%s::bigint[])"
    return [number for (number,) in fetch(sql, [number_array(numbers)])]


#: From so many people on :func:`settle` pays.
_MANY: Final = 20_000


def settle(list_scan_id: int, staged: int) -> None:
    """Tell the database that everybody may see the ``staged`` people, so that a merge reads their numbers and
    fingerprints from the index alone, in their order. Does nothing within a transaction.
    """
    if staged >= _MANY and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"vacuum (index_cleanup off, truncate off) {table(list_scan_id)}")


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
