"""What changed on a list between any two of its scans. Differences are reads of intervals; nothing is materialised.

With ``since`` < ``until`` two scan numbers of the list, and the baseline as the earliest meaningful ``since`` for
arrivals (before the first complete scan nobody is new, they were only not seen yet):

- **new**: there at ``until``, not at ``since``, and never seen before it;
- **returned**: there at ``until`` by a stay that began after ``since``, though the list knew the person before;
- **lost**: there at ``since``, not at ``until``. *Missing* until a second complete scan confirms it;
- **renamed**: there at both, under another name at ``until`` than at ``since``;
- **became private, public, verified, lost verification**: there at both, with the flag turned between them.

Who left and came back in between is returned, neither new nor lost. Pages are ordered newest first.

What a change of the list's source shows is none of these (:mod:`scans.source_changes`): whoever came with it is neither
new nor returned, whoever's stay ended *untold* is not lost, and not returned when they are shown again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from igsite.paging import BadCursor, Page, open_cursor, seal_cursor
from igsite.problems import Invalid
from scans.flag_changes import OPPOSITE
from scans.models import ChangeKind, EdgeList, ListScan, LossReason, LossState
from scans.models.verdicts import Basis, basis_of
from scans.person_rows import PROFILE_COLUMNS, PersonRow, fetch

COUNT_CAP: Final = 10_000


class NotComparable(Invalid):
    """The two scans cannot be compared: same scan, wrong order, or not scans of this list."""

    code = "not_comparable"


@dataclass(frozen=True, slots=True)
class Change:
    """One person's change. ``seq`` is the scan that showed it; of several (who left twice) the last one.

    ``is_confirmed`` is None but for losses: False while the person is only *missing* (one complete scan did not show
    them), True once further scans or their friendship agreed. ``reason`` says why they left, as far as it was checked,
    at ``checked_at``; ``basis`` whether *unfollowed* was read or follows from the scans. ``old_name`` and ``new_name``
    are set for renames.
    """

    kind: ChangeKind
    seq: int
    person: PersonRow
    is_confirmed: bool | None = None
    old_name: str = ""
    new_name: str = ""
    reason: LossReason | None = None
    basis: Basis | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LossFilter:
    """Which losses to show: of one state, for one reason; None: whichever. ``unchecked``: only without a reason."""

    state: LossState | None = None
    reason: LossReason | None = None
    unchecked: bool = False

    @property
    def name(self) -> str:
        """For cursors, which serve one filter only."""
        return f"{self.state or ''}/{self.reason or ''}/{'unchecked' if self.unchecked else ''}"


EVERY_LOSS: Final = LossFilter()


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """How many of each kind; a value above :data:`COUNT_CAP` means "more than that"."""

    new: int
    lost: int
    returned: int
    renamed: int
    private: int = 0
    public: int = 0
    verified: int = 0
    unverified: int = 0


def comparable(edge_list: EdgeList, limit: int = 200) -> list[ListScan]:
    """The scans of the list that stored something, newest first."""
    stored = ListScan.objects.filter(edge_list=edge_list, seq__isnull=False).select_related("scan")
    return list(stored.order_by("-seq")[:limit])


def default_pair(edge_list: EdgeList) -> tuple[ListScan, ListScan] | None:
    """The last two complete scans, older first; None while there are fewer."""
    complete = ListScan.objects.filter(edge_list=edge_list, seq__isnull=False, state="complete")
    newest = list(complete.order_by("-seq").select_related("scan")[:2])
    return (newest[1], newest[0]) if len(newest) == 2 else None


def complete_before(scan: ListScan) -> int | None:
    """The number of the last complete scan of the same list before ``scan``; None when there was none."""
    earlier = ListScan.objects.filter(edge_list=scan.edge_list_id, seq__lt=scan.seq, state="complete")
    return earlier.order_by("-seq").values_list("seq", flat=True).first()


def seq_at(edge_list: EdgeList, moment: datetime) -> int | None:
    """The number of the last scan finished at ``moment`` or before; None when there was none yet."""
    stored = ListScan.objects.filter(edge_list=edge_list, seq__isnull=False, finished_at__lte=moment)
    return stored.order_by("-seq").values_list("seq", flat=True).first()


def changes(
    edge_list: EdgeList, kind: ChangeKind, *, since: int, until: int, cursor: str = "", limit: int = 50,
    losses: LossFilter = EVERY_LOSS,
) -> Page[Change]:  # fmt: skip
    """One page of the changes of one kind between the scans ``since`` and ``until`` (their ``seq``).

    ``losses`` chooses among the lost.

    Raises:
        NotComparable: not two different scans of the list in this order.
        BadCursor: the cursor belongs to another comparison.
    """
    _check(edge_list, since, until)
    name = f"changes:{edge_list.pk}:{kind.value}:{since}:{until}"
    name += f":{losses.name}" if losses != EVERY_LOSS else ""
    after = _position(name, cursor)
    rows = _rows(edge_list, kind, since, until, after, limit + 1, losses)
    items = [_change(kind, row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(items, seal_cursor(name, [items[-1].seq, items[-1].person.profile_id]) if more else "")


def count_changes(edge_list: EdgeList, *, since: int, until: int) -> ChangeCounts:
    """How many changes of each kind, each capped just above :data:`COUNT_CAP`. Stored counts serve adjacent scans."""
    _check(edge_list, since, until)
    if until == since + 1:
        scan = ListScan.objects.filter(edge_list=edge_list, seq=until).first()
        if scan is not None:
            stored = (scan.new_count, scan.lost_count, scan.returned_count, scan.renamed_count)
            return ChangeCounts(*stored, *(_count(edge_list, kind, since, until) for kind in OPPOSITE))
    return ChangeCounts(*(_count(edge_list, kind, since, until) for kind in ChangeKind))


_END: Final = (2**31 - 1, 2**63 - 1)


def _check(edge_list: EdgeList, since: int, until: int) -> None:
    if not 1 <= since < until <= edge_list.last_seq:
        raise NotComparable("Choose two different scans of this list, the older one first.")


def _position(name: str, cursor: str) -> tuple[int, int]:
    if not cursor:
        return _END
    values = open_cursor(name, cursor)
    if len(values) != 2 or not all(isinstance(value, int) for value in values):
        raise BadCursor("This cursor cannot be used. Start again from the first page.")
    return values[0], values[1]


def _rows(
    edge_list: EdgeList, kind: ChangeKind, since: int, until: int, after: tuple[int, int], limit: int,
    losses: LossFilter,
) -> list[tuple[Any, ...]]:  # fmt: skip
    select = _select(edge_list, kind, since, until, after, limit, losses)
    if select is None:
        return []
    # The join comes after the limit, or it is done for the whole list.
    sql = (
        f"select {PROFILE_COLUMNS}, c.since_seq, c.origin_seq, c.seq, c.confirmed_seq, c.old, c.new,"
        f" v.state, v.reason, v.checked_at from ({select[0]}) c join accounts_profile p on p.id = c.profile_id"
        " left join scans_lossverdict v on v.edge_list_id = %(list)s and v.profile_id = c.profile_id"
        " and v.ended_seq = c.seq and %(is_lost)s order by c.seq desc, c.profile_id desc"
    )
    return fetch(sql, select[1])


def _count(edge_list: EdgeList, kind: ChangeKind, since: int, until: int) -> int:
    select = _select(edge_list, kind, since, until, _END, COUNT_CAP + 1)
    if select is None:
        return 0
    return int(fetch(f"select count(*) from ({select[0]}) c", select[1])[0][0])


# OFFSET 0: a probe for each person asked about. The planner would rather read the edges of all lists once.
_PRESENT = (
    "(exists (select 1 from edge_current x where x.list_id = {alias}.list_id and x.profile_id = {alias}.profile_id"
    " and x.first_seq <= %(seq)s offset 0) or exists (select 1 from edge_past x where x.list_id = {alias}.list_id"
    " and x.profile_id = {alias}.profile_id and x.first_seq <= %(seq)s and x.ended_seq > %(seq)s offset 0))"
)


def _present(alias: str, param: str) -> str:
    return _PRESENT.format(alias=alias).replace("%(seq)s", f"%({param})s")


_OPENED = """
select * from (
    (select first_seq seq, profile_id, first_seq since_seq, origin_seq, null::int confirmed_seq, '' old, '' "new"
     from edge_current o where list_id = %(list)s and first_seq > 1 and {known}
       and first_seq > %(floor)s and first_seq <= %(until)s and (first_seq, profile_id) < (%(seq)s, %(person)s)
     order by first_seq desc, profile_id desc limit %(limit)s)
    union all
    (select first_seq, profile_id, first_seq, origin_seq, null, '', ''
     from edge_past o where list_id = %(list)s and first_seq > 1 and {known} and ended_seq > %(until)s
       and first_seq > %(floor)s and first_seq <= %(until)s and (first_seq, profile_id) < (%(seq)s, %(person)s)
     order by first_seq desc, profile_id desc limit %(limit)s)
) opened order by seq desc, profile_id desc limit %(limit)s
"""
_NEVER_SEEN = "origin_seq > %(floor)s and origin_seq <> all(%(anew)s::int[])"
_KNOWN_BEFORE = (
    "origin_seq < first_seq and origin_seq <= %(floor)s and first_seq <> all(%(anew)s::int[])"
    " and not coalesce((select b.untold from edge_past b where b.list_id = o.list_id"
    " and b.profile_id = o.profile_id and b.ended_seq <= o.first_seq order by b.ended_seq desc limit 1), false)"
)
_CLOSED = f"""
select ended_seq seq, profile_id, first_seq since_seq, origin_seq, confirmed_seq, '' old, '' "new"
from edge_past gone where list_id = %(list)s and ended_seq > %(since)s and ended_seq <= %(until)s and not untold
  and (ended_seq, profile_id) < (%(seq)s, %(person)s)
  and (first_seq <= %(since)s or {_present("gone", "since")}) and not {_present("gone", "until")}
  and not exists (select 1 from edge_past later where later.list_id = gone.list_id
                  and later.profile_id = gone.profile_id
                  and later.ended_seq > gone.ended_seq and later.ended_seq <= %(until)s){{chosen}}
order by ended_seq desc, profile_id desc limit %(limit)s
"""
_RENAMED = f"""
select seq, profile_id, 0 since_seq, 0 origin_seq, null::int confirmed_seq, old, "new" from (
    select later.edge_list_id list_id, later.seq, later.profile_id, later.new,
           (select first.old from scans_profilechange first where first.edge_list_id = later.edge_list_id
            and first.profile_id = later.profile_id and first.kind = 'renamed'
            and first.seq > %(since)s order by first.seq limit 1) old
    from scans_profilechange later
    where later.edge_list_id = %(list)s and later.kind = 'renamed' and later.seq > %(since)s and later.seq <= %(until)s
      and (later.seq, later.profile_id) < (%(seq)s, %(person)s)
      and not exists (select 1 from scans_profilechange still where still.edge_list_id = later.edge_list_id
                      and still.profile_id = later.profile_id and still.kind = 'renamed'
                      and still.seq > later.seq and still.seq <= %(until)s)
) named where old <> "new" and {_present("named", "since")} and {_present("named", "until")}
order by seq desc, profile_id desc limit %(limit)s
"""
# A flag that turned and turned back did not change: the first turn after `since` must be the same as the last one.
_TURNED = f"""
select seq, profile_id, 0 since_seq, 0 origin_seq, null::int confirmed_seq, '' old, '' "new"
from scans_profilechange turn where edge_list_id = %(list)s and kind = %(kind)s and seq > %(since)s and seq <= %(until)s
  and (seq, profile_id) < (%(seq)s, %(person)s)
  and not exists (select 1 from scans_profilechange o where o.edge_list_id = turn.edge_list_id
                  and o.profile_id = turn.profile_id and o.kind in (%(kind)s, %(opposite)s)
                  and o.seq > turn.seq and o.seq <= %(until)s)
  and (select o.kind from scans_profilechange o where o.edge_list_id = turn.edge_list_id
       and o.profile_id = turn.profile_id and o.kind in (%(kind)s, %(opposite)s) and o.seq > %(since)s
       order by o.seq limit 1) = %(kind)s
  and {_present("turn", "since").replace("turn.list_id", "turn.edge_list_id")}
  and {_present("turn", "until").replace("turn.list_id", "turn.edge_list_id")}
order by seq desc, profile_id desc limit %(limit)s
"""
_VERDICT = (
    "(select 1 from scans_lossverdict v where v.edge_list_id = gone.list_id and v.profile_id = gone.profile_id"
    " and v.ended_seq = gone.ended_seq"
)
_CONFIRMED_LOSS = f"(gone.confirmed_seq is not null or exists {_VERDICT} and v.state = 'confirmed'))"


def _chosen(losses: LossFilter) -> str:
    """The filter as a condition on ``gone``, its reason as ``%(reason)s``."""
    conditions = []
    if losses.state in (LossState.CONFIRMED, LossState.MISSING):
        conditions.append(_CONFIRMED_LOSS if losses.state == LossState.CONFIRMED else f"not {_CONFIRMED_LOSS}")
    if losses.unchecked:
        conditions.append(f"not exists {_VERDICT})")
    elif losses.reason is not None:
        conditions.append(f"exists {_VERDICT} and v.reason = %(reason)s)")
    return "".join(f" and {condition}" for condition in conditions)


def _select(
    edge_list: EdgeList, kind: ChangeKind, since: int, until: int, after: tuple[int, int], limit: int,
    losses: LossFilter = EVERY_LOSS,
) -> tuple[str, dict[str, Any]] | None:  # fmt: skip
    """The statement that finds the people of one page, or None where there can be none."""
    params: dict[str, Any] = {"list": edge_list.pk, "since": since, "until": until, "limit": limit}
    params |= {"seq": after[0], "person": after[1], "is_lost": kind == ChangeKind.LOST}
    if kind == ChangeKind.LOST:
        return _CLOSED.format(chosen=_chosen(losses)), params | {"reason": losses.reason}
    if kind in OPPOSITE:
        return _TURNED, params | {"kind": kind.value, "opposite": OPPOSITE[kind].value}
    if kind == ChangeKind.RENAMED:
        return _RENAMED, params
    if edge_list.baseline_seq is None:
        return None
    params |= {"floor": max(since, edge_list.baseline_seq), "anew": edge_list.source_seqs}
    known = _NEVER_SEEN if kind == ChangeKind.NEW else _KNOWN_BEFORE
    return _OPENED.format(known=known), params


def _change(kind: ChangeKind, row: tuple[Any, ...]) -> Change:
    *person, seq, confirmed, old, new, state, reason, checked_at = row
    return Change(
        kind=kind,
        seq=seq,
        person=PersonRow(*person),
        is_confirmed=confirmed is not None or state == LossState.CONFIRMED if kind == ChangeKind.LOST else None,
        old_name=old,
        new_name=new,
        reason=LossReason(reason) if reason else None,
        basis=basis_of(state, reason) if reason else None,
        checked_at=checked_at,
    )


_AS_OF = f"""
select {PROFILE_COLUMNS}, c.first_seq, c.origin_seq from (
    (select profile_id, first_seq, origin_seq from edge_current
     where list_id = %(list)s and first_seq <= %(seq)s and profile_id > %(person)s order by profile_id limit %(limit)s)
    union all
    (select profile_id, first_seq, origin_seq from edge_past
     where list_id = %(list)s and first_seq <= %(seq)s and ended_seq > %(seq)s and profile_id > %(person)s
     order by profile_id limit %(limit)s)
    order by profile_id limit %(limit)s
) c join accounts_profile p on p.id = c.profile_id order by c.profile_id
"""


def people_at(edge_list: EdgeList, *, seq: int, cursor: str = "", limit: int = 50) -> Page[PersonRow]:
    """One page of the list as it was after the scan ``seq``, by Instagram's number. Names are today's."""
    name = f"people-at:{edge_list.pk}:{seq}"
    after = open_cursor(name, cursor)[0] if cursor else -(2**63)
    params: dict[str, Any] = {"list": edge_list.pk, "seq": seq, "person": after, "limit": limit + 1}
    rows = fetch(_AS_OF, params)
    items = [PersonRow(*row) for row in rows[:limit]]
    return Page(items, seal_cursor(name, [items[-1].profile_id]) if len(rows) > limit else "")
