"""User names in their order, beside the people: what a long list is sorted by, and what a name is looked up in.

Triggers keep it true, whatever adds a person or changes a name. Only a merge of very many new people leaves their names
for later, since they cost as much as all the rest: :func:`fill` writes them once the merge has committed. Until then
:func:`is_behind` holds: long lists are shown in another order (:mod:`scans.people`), and an import reads the people
themselves. A row may outlive its name when both happen at once; so it counts only while the person still bears it.
"""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from scans.person_rows import fetch

#: So many names are written within the merge.
AT_ONCE: Final = 20_000

_LAST: Final = "select last_value from accounts_profile_n_seq"
_FILL: Final = """
insert into profile_name (username, profile_id)
select username, id from accounts_profile where n between %s and %s order by username, id on conflict do nothing
"""


def aside() -> int:
    """From here to the end of the transaction, or :func:`added`, nobody writes the names of new people.

    Returns the last dense number that was given to anybody.
    """
    return int(
        fetch("select last_value, set_config('igsite.names', 'aside', true) from accounts_profile_n_seq", ())[0][0]
    )


def added(count: int, since: int, statement: str) -> None:
    """``count`` people were added since :func:`aside`: write their names by ``statement``, or note them for later."""
    with connection.cursor() as cursor:
        if count > AT_ONCE:
            cursor.execute("insert into profile_names_due (first_n, last_n) values (%s, %s)", [since, _last()])
        elif count:
            cursor.execute(statement)
        cursor.execute("select set_config('igsite.names', '', true)")


def _last() -> int:
    return int(fetch(_LAST, ())[0][0])


def is_behind() -> bool:
    """Whether somebody's name is still to be written."""
    return bool(fetch("select exists (select from profile_names_due)", ())[0][0])


def fill() -> None:
    """Write the names that merges left for later. Commits by itself; two at once do no harm."""
    if not is_behind():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
        for span in fetch("delete from profile_names_due returning first_n, last_n", ()):
            cursor.execute(_FILL, span)
