"""Private and verified as a list saw them last: four bits of each edge, and the events when they turn.

Bit 1: it is known whether the person is private, bit 2: they are; bits 4 and 8 the same for verified. A source that
does not show a flag leaves what is known.
"""

from __future__ import annotations

from typing import Final

from scans.models import ChangeKind

#: The flags of a person as staged, under the alias ``s``, and over what an edge's ``{old}`` knows.
SEEN: Final = (
    "((case when s.is_private is null then {old} & 3 else 1 + 2 * s.is_private::int end)"
    " | (case when s.is_verified is null then {old} & 12 else 4 + 8 * s.is_verified::int end))::smallint"
)
#: Writes down whose flags turned. Runs within a merge, between the delta and the edges' change.
NOTE: Final = """
insert into scans_profilechange (edge_list_id, seq, profile_id, kind, old, new)
select {list}, {seq}, d.pk, turned.kind, '', '' from (
    select pk, old_flags from scan_delta where what = 3 and old_flags <> 0
    union all
    (select distinct on (g.profile_id) g.profile_id, g.flags from scan_delta d
     join edge_past g on g.list_id = {list} and g.profile_id = d.pk where d.what = 1
     order by g.profile_id, g.ended_seq desc)
) d
join scan_delta s on s.pk = d.pk
cross join lateral (values
    (case when d.old_flags & 1 = 1 and s.is_private <> (d.old_flags & 2 <> 0)
          then case when s.is_private then 'private' else 'public' end end),
    (case when d.old_flags & 4 = 4 and s.is_verified <> (d.old_flags & 8 <> 0)
          then case when s.is_verified then 'verified' else 'unverified' end end)
) turned(kind)
where turned.kind is not null order by d.pk, turned.kind
"""
#: The kind that undoes each.
OPPOSITE: Final = {
    ChangeKind.PRIVATE: ChangeKind.PUBLIC,
    ChangeKind.PUBLIC: ChangeKind.PRIVATE,
    ChangeKind.VERIFIED: ChangeKind.UNVERIFIED,
    ChangeKind.UNVERIFIED: ChangeKind.VERIFIED,
}
