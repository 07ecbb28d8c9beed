"""Outcomes of follows: who was followed on which date, and whether they followed back within a week.

Follows come to be known from our own actions, and from the login's own *following* list. What came of them is read off
the scans of its *followers* list: somebody who is seen there came by then; an absence counts only in a complete scan
that began after the week (``docs/predictions.md``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef

from accounts.models import InstagramLogin, Workspace
from automation import features_stored, predict_training, predictions
from automation.features import Facts, vector
from automation.features_stored import Known
from automation.models import (
    UNSETTLED,
    ActionKind,
    Attempt,
    FollowModel,
    FollowOutcome,
    ItemState,
    Knowledge,
    Prediction,
)
from automation.outcomes_rules import WINDOW, Stay, judge
from automation.predict_model import PRIOR, chance
from igsite.jobs import runner
from igsite.jobs.models import Job
from scans.models import Direction, EdgeList, ListScan, Scan, ScanState
from scans.person_rows import fetch, number_array

RECONCILE: Final = "predictions.reconcile"
#: A prediction counts for a follow that came so long after it at most.
REMEMBERED: Final = timedelta(days=90)
#: Rows of one step.
AT_ONCE: Final = 500
#: Follows longer ago are not looked for in lists any more.
LOOK_BACK: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Follow:
    """Somebody was followed. ``is_ours``: by us, and just before a reading showed that they did not follow yet."""

    pk: int
    at: datetime
    is_ours: bool


def register_ours(login: InstagramLogin, *, now: datetime) -> int:
    """Follows by our own actions that a reading showed and that have no outcome yet. Returns how many."""
    sent = Attempt.objects.filter(
        login=login,
        kind=ActionKind.FOLLOW,
        sent_at__isnull=False,
        item__state__in=(ItemState.DONE, ItemState.REQUESTED),
    )
    noted = FollowOutcome.objects.filter(
        login=login, target_pk=OuterRef("item__target_pk"), followed_at=OuterRef("sent_at")
    )
    rows = sent.exclude(Exists(noted)).order_by("sent_at", "pk").values_list("item__target_pk", "sent_at")[:AT_ONCE]
    return _register(login, [Follow(pk, at, is_ours=True) for pk, at in rows if at is not None], now=now)


# Who came onto the following list after its first complete scan, when the scan that showed them was over.
_FOLLOWED: Final = """
select e.profile_id, s.finished_at from edge_current e
join scans_listscan s on s.edge_list_id = e.list_id and s.seq = e.first_seq
where e.list_id = %(list)s and e.first_seq > %(baseline)s and e.first_seq <> all(%(anew)s::int[])
and s.finished_at > %(since)s and e.profile_id > 0
and not exists (
    select 1 from automation_followoutcome o where o.login_id = %(login)s and o.target_pk = e.profile_id
    and o.followed_at > s.finished_at - interval '60 days'
) order by s.finished_at, e.profile_id limit %(most)s
"""


def register_seen(login: InstagramLogin, *, now: datetime) -> int:
    """Follows made elsewhere, as scans of the login's own following list show them. Returns how many."""
    edges = _own(login, Direction.FOLLOWING)
    if edges is None or edges.baseline_seq is None:
        return 0
    params = {
        "list": edges.pk, "baseline": edges.baseline_seq, "since": now - LOOK_BACK, "login": str(login.pk),
        "most": AT_ONCE, "anew": edges.source_seqs,
    }  # fmt: skip
    rows = fetch(_FOLLOWED, params)
    return _register(login, [Follow(pk, at, is_ours=False) for pk, at in rows], now=now)


def _register(login: InstagramLogin, follows: Sequence[Follow], *, now: datetime) -> int:
    """Keep each with the last prediction before it, else with one made now."""
    if not follows:
        return 0
    pks = {follow.pk for follow in follows}
    first, last = follows[0].at, follows[-1].at
    said = predictions.latest(login, pks, before=last, since=first - REMEMBERED)
    known = features_stored.known(login, pks)
    model = predict_training.current(login.workspace)
    rows = []
    for follow in follows:
        row = FollowOutcome(
            workspace_id=login.workspace_id, login=login, target_pk=follow.pk, followed_at=follow.at,
            is_ours=follow.is_ours, created_at=now,
        )  # fmt: skip
        before = [one for one in said.get(follow.pk, []) if one.predicted_at and one.predicted_at <= follow.at]
        if before:
            _as_said(row, before[-1])
        else:
            _as_known(row, known.get(follow.pk), model)
        rows.append(row)
    return len(FollowOutcome.objects.bulk_create(rows, ignore_conflicts=True))


def _as_said(row: FollowOutcome, said: Prediction) -> None:
    row.prediction, row.knowledge, row.values = said, said.knowledge, said.values
    row.probability, row.model_number = said.probability, said.model_number
    row.prior_probability = said.probability if said.prior_probability is None else said.prior_probability


def _as_known(row: FollowOutcome, known: Known | None, model: FollowModel | None) -> None:
    """Nobody asked before: what would have been said, without what the follow itself changed."""
    facts = replace(known.facts if known else Facts(), you_follow=False, follows_you=False)
    values = vector(facts)
    row.knowledge, row.values = known.knowledge if known else Knowledge.UNKNOWN, list(values)
    row.probability = chance(predict_training.weights_of(model), values).probability
    row.prior_probability = chance(PRIOR, values).probability
    row.model_number = model.number if model else 0


# -- what came of them


@dataclass(frozen=True, slots=True)
class Timeline:
    """The readings of one followers list: start and end by number, which of them were complete, and with which another
    source began to read it: whom it shows at once may have been there before."""

    times: dict[int, tuple[datetime, datetime]]
    complete: list[int]
    anew: frozenset[int] = frozenset()

    @classmethod
    def of(cls, edges: EdgeList) -> Timeline:
        """All that stored something."""
        times, complete = {}, []
        for row in ListScan.objects.filter(edge_list=edges, seq__isnull=False).order_by("seq"):
            if row.seq is not None and row.finished_at is not None:
                times[row.seq] = (row.started_at or row.finished_at, row.finished_at)
                complete += [row.seq] if row.state == ScanState.COMPLETE else []
        return cls(times, complete, frozenset(edges.source_seqs))

    def stay(self, first_seq: int, ended_seq: int | None) -> Stay | None:
        """A stay by its scans; None: they are not on record."""
        if first_seq not in self.times:
            return None
        before = [seq for seq in self.complete if seq < first_seq and first_seq not in self.anew]
        ended = self.times.get(ended_seq) if ended_seq is not None else None
        return Stay(
            self.times[first_seq][1], self.times[before[-1]][0] if before else None, ended[0] if ended else None
        )

    def absent_since(self, moment: datetime, stays: Iterable[tuple[int, int | None]]) -> datetime | None:
        """The end of the first complete reading begun at ``moment`` or later that shows none of ``stays``."""
        for seq in self.complete:
            begin, end = self.times[seq]
            shown = any(first <= seq and (ended is None or seq < ended) for first, ended in stays)
            if begin >= moment and not shown:
                return end
        return None


_STAYS: Final = """
with people as (select unnest(%(pks)s::bigint[]) id)
select e.profile_id, e.first_seq, null::int from people join edge_current e
on e.list_id = %(list)s and e.profile_id = people.id
union all
select g.profile_id, g.first_seq, case when not g.untold then g.ended_seq end from people join edge_past g
on g.list_id = %(list)s and g.profile_id = people.id
order by 1, 2
"""


def settle(login: InstagramLogin, *, after: int, now: datetime) -> int | None:
    """Judge the next unsettled outcomes behind the id ``after``; returns the last id looked at, None at the end."""
    rows = list(
        FollowOutcome.objects.filter(login=login, state__in=UNSETTLED, pk__gt=after).order_by("pk")[:AT_ONCE]
    )  # fmt: skip
    if not rows:
        return None
    edges = _own(login, Direction.FOLLOWERS)
    timeline = Timeline.of(edges) if edges else Timeline({}, [])
    stays = _stays(edges, [row.target_pk for row in rows])
    for row in rows:
        spans = stays.get(row.target_pk, [])
        told = [stay for stay in (timeline.stay(*span) for span in spans) if stay is not None]
        absent = timeline.absent_since(row.followed_at + WINDOW, spans)
        verdict = judge(row.followed_at, told, absent, is_ours=row.is_ours, now=now)
        row.state, row.seen_at = verdict.state, verdict.seen_at
    FollowOutcome.objects.bulk_update(rows, ["state", "seen_at"])
    return rows[-1].pk


def _own(login: InstagramLogin, direction: Direction) -> EdgeList | None:
    """A list of the login's own account, if it was ever read."""
    if login.profile_id is None:
        return None
    mine = EdgeList.objects.filter(account__workspace=login.workspace_id, account__profile_id=login.profile_id)
    return mine.filter(direction=direction, last_seq__gt=0).first()


def _stays(edges: EdgeList | None, pks: Collection[int]) -> dict[int, list[tuple[int, int | None]]]:
    found: dict[int, list[tuple[int, int | None]]] = {}
    if edges is not None:
        for pk, first, ended in fetch(_STAYS, {"list": edges.pk, "pks": number_array(pks)}):
            found.setdefault(pk, []).append((first, ended))
    return found


# -- when it is looked at


def order(workspace: Workspace) -> Job:
    """Have follows and their outcomes looked at; one at a time for each workspace."""
    return runner.enqueue(RECONCILE, workspace=workspace, dedupe_key="follow-outcomes")


def after_scan(scan: Scan, **_signal: object) -> None:
    """A scan of an account that one of the logins signs in to. Receives :data:`scans.signals.scan_completed`."""
    profile_id = scan.account.profile_id
    if profile_id is None:
        return
    if InstagramLogin.objects.for_workspace(scan.workspace_id).filter(profile_id=profile_id).exists():
        order(scan.workspace)
