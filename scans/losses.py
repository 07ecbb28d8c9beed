"""Losses: *missing* at the first complete scan that does not show a person, *confirmed* at the second, or at the third
when the gap between the list and the profile's count had grown meanwhile (``completeness.gap_grew``).

Only what a complete scan found may come here. Whoever is known by name only is never confirmed: a rename would look the
same. The two states are told apart everywhere; alerts and automation use confirmed losses alone.
"""

from __future__ import annotations

from django.db import connection

# The stay's last name goes along, so that a rename during the absence can be told.
_CLOSE = """
with gone as (
    delete from edge_current e using scan_delta d
    where d.what = 2 and e.list_id = %(list)s and e.profile_id = d.pk
    returning e.profile_id, e.list_id, e.first_seq, e.origin_seq, e.name_fp, e.flags
)
insert into edge_past (profile_id, list_id, first_seq, origin_seq, ended_seq, name_fp, flags)
select profile_id, list_id, first_seq, origin_seq, %(seq)s, name_fp, flags from gone order by profile_id
"""
_CONFIRM = """
update edge_past g set confirmed_seq = %(seq)s
where g.list_id = %(list)s and g.confirmed_seq is null and g.ended_seq < %(before)s and g.profile_id > 0
  and not exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = g.profile_id)
  and not exists (select 1 from edge_past later where later.list_id = g.list_id and later.profile_id = g.profile_id
                  and later.first_seq >= g.ended_seq)
"""


def close(list_id: int, seq: int) -> int:
    """Whoever the merge's delta calls gone is missing as of scan ``seq``. Returns how many that are."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, {"list": list_id, "seq": seq})
        return int(cursor.rowcount)


def confirm(list_id: int, seq: int, *, missing_before: int) -> int:
    """Scan ``seq`` confirms whoever is missing since a scan before ``missing_before`` and did not come back.

    Returns how many that are.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRM, {"list": list_id, "seq": seq, "before": missing_before})
        return int(cursor.rowcount)
