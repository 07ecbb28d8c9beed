"""Losses: *missing* at the first complete scan that does not show a person, *confirmed* at the second, or at the third
when the gap between the list and the profile's count had grown meanwhile (``completeness.gap_grew``).

Only what a complete scan found may come here. Whoever is known by name only is never confirmed: a rename would look the
same. The two states are told apart everywhere; alerts and automation use confirmed losses alone.

A stay may also end *untold*: the person is not shown by the source that reads the list now, and was not by it before
(:mod:`scans.source_changes`). That is no loss, and nobody is told of it as one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection


@dataclass(frozen=True, slots=True)
class Untold:
    """Whose absence is no loss: ``everybody``'s, or of those whose stay began with one of these scans."""

    everybody: bool = False
    begun_at: Collection[int] = ()


NOBODY: Final = Untold()

# The stay's last name goes along, so that a rename during the absence can be told.
_CLOSE = """
with gone as (
    delete from edge_current e using scan_delta d
    where d.what = 2 and e.list_id = %(list)s and e.profile_id = d.pk
    returning e.profile_id, e.list_id, e.first_seq, e.origin_seq, e.name_fp, e.flags
), ended as (
    insert into edge_past (profile_id, list_id, first_seq, origin_seq, ended_seq, name_fp, flags, untold)
    select profile_id, list_id, first_seq, origin_seq, %(seq)s, name_fp, flags,
           %(everybody)s or first_seq = any(%(begun_at)s::int[])
    from gone order by profile_id returning untold
)
select count(*), count(*) filter (where not untold) from ended
"""
_CONFIRM = """
update edge_past g set confirmed_seq = %(seq)s
where g.list_id = %(list)s and g.confirmed_seq is null and g.ended_seq < %(before)s and g.profile_id > 0
  and g.ended_seq >= %(since)s and not g.untold
  and not exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = g.profile_id)
  and not exists (select 1 from edge_past later where later.list_id = g.list_id and later.profile_id = g.profile_id
                  and later.first_seq >= g.ended_seq)
"""


def close(list_id: int, seq: int, untold: Untold = NOBODY) -> tuple[int, int]:
    """Whoever the merge's delta calls gone is not on the list as of scan ``seq``; and *missing* but for the ``untold``.

    Returns how many have gone, and how many of them are missing.
    """
    params: dict[str, Any] = {"list": list_id, "seq": seq, "everybody": untold.everybody}
    params["begun_at"] = list(untold.begun_at)
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, params)
        gone, missing = cursor.fetchone() or (0, 0)
    return gone, missing


def confirm(list_id: int, seq: int, *, missing_before: int, missing_since: int = 0) -> int:
    """Scan ``seq`` confirms whoever is missing since a scan before ``missing_before`` and did not come back.

    ``missing_since``: the scan with which the list's present source began; what others missed it cannot confirm.
    Returns how many that are.
    """
    params = {"list": list_id, "seq": seq, "before": missing_before, "since": missing_since}
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRM, params)
        return int(cursor.rowcount)
