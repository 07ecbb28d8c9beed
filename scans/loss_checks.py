"""Which losses want a check, who can make it, and where its verdict goes. The reading is a job (:mod:`scans.loss_job`).

A loss of another's account is checked once a second complete scan has confirmed it: the reason is all that is lacking.
Of one's own account each missing person is checked, since the friendship confirms the loss without a second scan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import connect, pace
from accounts.models import InstagramLogin, TrackedAccount, Workspace
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Conflict
from scans import taken_back
from scans.loss_findings import Judgement
from scans.models import Direction, EdgeList, LossReason, LossState, LossVerdict, Scan, ScanPreferences, Source
from scans.person_rows import fetch

CHECK_JOB: Final = "losses.check"


class NothingToCheck(Conflict):
    """Every loss of the account has its reason, or waits for a second complete scan."""

    code = "nothing_to_check"


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss without a reason yet. ``username`` is the last name known, ``profile_id`` negative if that is all."""

    list_id: int
    direction: Direction
    profile_id: int
    ended_seq: int
    username: str

    @property
    def key(self) -> list[int]:
        """For a job's cursor."""
        return [self.list_id, self.profile_id, self.ended_seq]


# It looks at the newest 5,000 ended stays of each list; a loss whose check failed three times stays unknown.
_OPEN = """
select g.list_id, l.direction, g.profile_id, g.ended_seq, p.username
from scans_edgelist l cross join lateral (
    select * from edge_past where list_id = l.id order by ended_seq desc, profile_id desc limit 5000
) g
join accounts_profile p on p.id = g.profile_id
left join scans_lossverdict v
  on v.edge_list_id = g.list_id and v.profile_id = g.profile_id and v.ended_seq = g.ended_seq
where l.account_id = %(account)s
  and (v.id is null or (v.reason = 'unknown' and v.tries < 3 and v.checked_at < %(before)s))
  and (%(own)s or g.confirmed_seq is not null or g.profile_id < 0) and not g.untold
  and not exists (select 1 from edge_current e where e.list_id = g.list_id and e.profile_id = g.profile_id)
  and not exists (select 1 from edge_past later where later.list_id = g.list_id and later.profile_id = g.profile_id
                  and later.first_seq >= g.ended_seq)
order by g.ended_seq desc, l.direction, g.profile_id desc limit %(limit)s
"""


def unexplained(account: TrackedAccount, *, is_own: bool, before: datetime, limit: int) -> list[Loss]:
    """The newest losses that want a check; failed ones again if that was ``before`` this time."""
    params = {"account": account.pk, "own": is_own, "before": before, "limit": limit}
    return [Loss(row[0], Direction(row[1]), *row[2:]) for row in fetch(_OPEN, params)]


def is_own(account: TrackedAccount, login: InstagramLogin) -> bool:
    """Whether the login is the account itself: then friendships say who follows it."""
    return login.profile_id is not None and login.profile_id == account.profile_id


def reader(account: TrackedAccount) -> InstagramLogin:
    """The login that checks: the account's own if the workspace has it, else the one that reads.

    Raises:
        accounts.connect.NotReady: there is none.
    """
    if not account.uses_login:
        raise connect.NotReady(_("No login is to read this account."), "")
    mine = InstagramLogin.objects.for_workspace(account.workspace_id).filter(status__in=pace.READING)
    own = mine.filter(profile=account.profile_id).first() if account.profile_id else None
    return own or connect.source_for(account.workspace)


def order(account: TrackedAccount, *, by: Any, now: datetime) -> Job:
    """A job that checks the account's newest losses, or the one that is at it already.

    Raises:
        NothingToCheck: there are none.
        accounts.connect.NotReady: no login can read.
    """
    login = reader(account)
    if not unexplained(account, is_own=is_own(account, login), before=now, limit=1):
        raise NothingToCheck(_("Every loss that can be checked has been."))
    preferences = preferences_of(account.workspace)
    return runner.enqueue(
        CHECK_JOB,
        workspace=account.workspace,
        by=by,
        params={
            "account": str(account.pk),
            "login": str(login.pk),
            "most": preferences.losses_per_scan,
            "ordered_at": now.isoformat(),
        },
        subject=f"@{account.username}",
        lane=connect.lane(login.pk),
        dedupe_key=f"losses-{account.pk}",
        total=None,
    )


def after_scan(sender: type[Scan], *, scan: Scan, now: datetime, **_more: Any) -> None:  # noqa: ARG001
    """Order the check of what a scan showed to be lost, unless the workspace switched that off."""
    is_complete = scan.lists.filter(state="complete").exists()
    if scan.source == Source.EXPORT or not is_complete or not preferences_of(scan.workspace).checks_losses:
        return
    try:
        order(scan.account, by=None, now=now)
    except (NothingToCheck, connect.NotReady):
        return


def preferences_of(workspace: Workspace) -> ScanPreferences:
    """What the workspace wants; the defaults while it has said nothing."""
    return ScanPreferences.objects.for_workspace(workspace).first() or ScanPreferences(workspace=workspace)


def prefer(*, workspace: Workspace, checks_losses: bool, losses_per_scan: int, by: Any) -> ScanPreferences:
    """Set whether, and how many, losses are checked after a complete scan."""
    values = {"checks_losses": checks_losses, "losses_per_scan": losses_per_scan}
    with transaction.atomic():
        preferences, _made = ScanPreferences.objects.update_or_create(workspace=workspace, defaults=values)
        audit.record(by, "scan_preferences.changed", workspace, workspace=workspace, details=values)
    return preferences


def write(loss: Loss, judgement: Judgement, *, login: InstagramLogin, now: datetime) -> bool:
    """Keep the verdict; a withdrawn loss is taken back. Writing the same again changes nothing.

    Returns whether the loss was still there to be judged.
    """
    with transaction.atomic():
        if judgement.state == LossState.WITHDRAWN:
            return taken_back.still_there(loss.list_id, loss.profile_id, loss.ended_seq) and _kept(
                loss, judgement, login, now
            )
        return _kept(loss, judgement, login, now)


def _kept(loss: Loss, judgement: Judgement, login: InstagramLogin, now: datetime) -> bool:
    verdict, _made = LossVerdict.objects.get_or_create(
        edge_list_id=loss.list_id, profile_id=loss.profile_id, ended_seq=loss.ended_seq,
        defaults={"reason": judgement.reason, "checked_at": now},
    )  # fmt: skip
    verdict.state, verdict.reason, verdict.seen_name = judgement.state, judgement.reason, judgement.name
    verdict.checked_at, verdict.checked_by = now, login
    verdict.tries += judgement.reason == LossReason.UNKNOWN
    verdict.save()
    return True


_BEARER = """
select f.profile_id from profile_former_name f
join edge_current e on e.list_id = %(list)s and e.profile_id = f.profile_id
where f.name_fp = name_fingerprint(%(name)s) and lower(f.username) = lower(%(name)s) and f.profile_id > 0
order by f.profile_id limit 1
"""


def explain_by_rename(loss: Loss, *, login: InstagramLogin, now: datetime) -> bool:
    """Whether somebody on the list bore the name of this one, of whom nothing but the name was known: then the loss is
    taken back without asking Instagram."""
    if loss.profile_id > 0:
        return False
    found = fetch(_BEARER, {"list": loss.list_id, "name": loss.username})
    if not found:
        return False
    return join(loss, found[0][0], login=login, now=now)


def join(loss: Loss, successor: int, *, login: InstagramLogin, now: datetime) -> bool:
    """Whether the loss of somebody known by name was taken back, since they are ``successor``, who is on the list."""
    with transaction.atomic():
        if not taken_back.renamed(loss.list_id, loss.profile_id, loss.ended_seq, successor):
            return False
        return _kept(loss, Judgement(LossState.WITHDRAWN, LossReason.RENAMED), login, now)


def is_on_list(edge_list: EdgeList | int, profile_id: int) -> bool:
    """Whether the person is on the stored list now."""
    list_id = edge_list if isinstance(edge_list, int) else edge_list.pk
    return bool(fetch("select 1 from edge_current where list_id = %s and profile_id = %s", [list_id, profile_id]))
