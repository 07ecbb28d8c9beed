"""People as pages and the API show them, and the SQL that fetches them in one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person on a list.

    ``profile_id`` is Instagram's pk, negative while only the name is known. ``since_seq`` is the scan that opened the
    present stay on the list, ``first_seen_seq`` the scan that ever saw the person there first.
    """

    profile_id: int
    username: str
    full_name: str
    is_private: bool | None
    is_verified: bool | None
    picture_path: str
    since_seq: int
    first_seen_seq: int

    @property
    def pk(self) -> int | None:
        """Instagram's pk, or None while it is unknown."""
        return self.profile_id if self.profile_id > 0 else None


#: Columns of a profile under the alias ``p``, in the order of :class:`PersonRow`.
PROFILE_COLUMNS = "p.id, p.username, p.full_name, p.is_private, p.is_verified, p.picture_path"


def fetch(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement. ``sql`` is put together from constants of this app; values go by ``params``."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def number_array(numbers: Iterable[int]) -> str:
    """``numbers`` for ``%s::bigint[]``: as one text, since a list is adapted number by number."""
    return "{" + ",".join(map(str, numbers)) + "}"


def like_pattern(text: str) -> str:
    """``text`` as a LIKE pattern that matches it anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def name_of(profile_id: int) -> str:
    """What a person is called, empty when nobody of that number is stored."""
    rows = fetch("select coalesce(nullif(full_name, ''), username) from accounts_profile where id = %s", [profile_id])
    return str(rows[0][0]) if rows else ""
