"""Losses that were none: the stay goes on as if the scan had shown the person, and its figures with it.

Two findings take a loss back: Instagram says that the tie stands though the list did not show it, and a name that went
away belongs to somebody who is on the list under another one.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import F

from scans import follow_dates, merge
from scans.models import EdgeList, ListScan

# Fingerprint 0 makes the next scan look at the profile anew.
_REOPEN = """
with ended as (
    delete from edge_past g where g.list_id = %(list)s and g.ended_seq = %(seq)s and g.profile_id = %(person)s
      and not exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = g.profile_id)
      and not exists (select 1 from edge_past later where later.list_id = g.list_id
                      and later.profile_id = g.profile_id and later.first_seq >= g.ended_seq)
    returning profile_id, list_id, first_seq, origin_seq, name_fp, flags
)
insert into edge_current (profile_id, list_id, first_seq, origin_seq, fp, name_fp, flags)
select profile_id, list_id, first_seq, origin_seq, 0, name_fp, flags from ended
"""
# The person's stay under the number takes over from the stay under the name alone.
_JOIN = """
with ended as (
    delete from edge_past g where g.list_id = %(list)s and g.ended_seq = %(seq)s and g.profile_id = %(person)s
      and exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = %(successor)s)
    returning first_seq, origin_seq
)
update edge_current e set first_seq = least(e.first_seq, ended.first_seq),
                          origin_seq = least(e.origin_seq, ended.origin_seq)
from ended where e.list_id = %(list)s and e.profile_id = %(successor)s
"""
_ON_OTHER_LIST = """
select exists (select 1 from edge_current e join scans_edgelist l on l.id = e.list_id
               where l.account_id = %s and l.id <> %s and e.profile_id = %s)
"""


def still_there(list_id: int, profile_id: int, ended_seq: int) -> bool:
    """Take the loss back; False when it is no longer there (they came back meanwhile, or it was taken back before)."""
    with transaction.atomic(), connection.cursor() as cursor:
        edges = merge.lock(list_id)
        cursor.execute(_REOPEN, {"list": list_id, "seq": ended_seq, "person": profile_id})
        if not cursor.rowcount:
            return False
        _one_loss_less(list_id, ended_seq)
        edges.people_count += 1
        cursor.execute(_ON_OTHER_LIST, [edges.account_id, list_id, profile_id])
        is_mutual = (cursor.fetchone() or (False,))[0]
        edges.save(update_fields=["people_count"])
        if is_mutual:
            both = EdgeList.objects.filter(account=edges.account_id, mutuals_count__isnull=False)
            both.update(mutuals_count=F("mutuals_count") + 1)
        ListScan.objects.filter(edge_list=list_id, seq__gte=ended_seq).update(total=F("total") + 1)
    return True


def renamed(list_id: int, profile_id: int, ended_seq: int, successor: int) -> bool:
    """``profile_id``, of whom only the name was known, is ``successor``, who is on the list: one stay, no loss.

    False when the loss or the successor is no longer there. The successor's arrival is none any more either.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        merge.lock(list_id)
        params = {"list": list_id, "person": profile_id, "successor": successor, "seq": ended_seq}
        cursor.execute(
            "select first_seq from edge_current where list_id = %(list)s and profile_id = %(successor)s", params
        )
        came = cursor.fetchone()
        cursor.execute(_JOIN, params)
        if not cursor.rowcount or came is None:
            return False
        follow_dates.move(list_id, profile_id, successor)
        _one_loss_less(list_id, ended_seq)
        arrival = ListScan.objects.filter(edge_list=list_id, seq=came[0], new_count__gt=0)
        arrival.update(new_count=F("new_count") - 1)
    return True


def _one_loss_less(list_id: int, ended_seq: int) -> None:
    shown = ListScan.objects.filter(edge_list=list_id, seq=ended_seq, lost_count__gt=0)
    shown.update(lost_count=F("lost_count") - 1)
