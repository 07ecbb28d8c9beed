"""The job that finds out why people are no longer on an account's lists: one or two reads a person, newest loss first.

It takes a share of the login's daily reads and goes on tomorrow when that is used up. Whoever "does not exist" is
believed to be gone only after Instagram showed a canonical account; if it does not, the session is the problem, and
nothing is believed. What was found is written person by person, so that a job that dies repeats at most one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect, usage
from accounts.gateway.errors import ContractDrift, GatewayError, Gone, NeedsLogin, Private, Transient
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from scans import loss_checks
from scans.loss_checks import Loss
from scans.loss_findings import UNKNOWN, Finding, judge
from scans.models import Direction
from scans.signals import losses_checked

#: The part of the login's remaining reads of a day that checks may use.
SHARE: Final = 0.2
#: Seconds that one step goes on.
SLICE: Final = 1.5
#: So many people are doubted before the canonical account is asked for.
DOUBTED_MOST: Final = 5
#: Failures of the same read after which this person stays unknown; persons in a row after which the job gives up.
FAILURES: Final = 3
HOPELESS: Final = 3
Result = TypeVar("Result")
_DAY: Final = timedelta(days=1)
#: Reads that one person may take: friendship, profile, and a part of the canonical probe.
_READS: Final = 3


@dataclass(slots=True)
class Stand:
    """Where the job stands; all of it in the job's cursor.

    ``allowed`` reads are left until ``renews_at`` (None: no limit). ``doubted`` are losses whose profile was not found,
    with what their friendship said, waiting for the canonical account to vouch for the session. ``half`` is the loss
    whose friendship was read and whose profile was not, with what it said.
    """

    checked: int = 0
    allowed: int | None = None
    renews_at: str = ""
    doubted: list[list[Any]] | None = None
    failures: int = 0
    hopeless: int = 0
    half: list[Any] | None = None

    @classmethod
    def of(cls, run: Run) -> Stand:
        """As last committed."""
        return cls(**run.cursor)

    def cursor(self) -> dict[str, Any]:
        """For the job's row."""
        return {name: getattr(self, name) for name in self.__slots__}

    def spend_one(self) -> None:
        """Count a read against the share."""
        if self.allowed is not None:
            self.allowed -= 1


@register
class CheckLosses(Kind):
    """Checks an account's newest losses."""

    name = loss_checks.CHECK_JOB
    label = gettext_lazy("Check who left and why")

    def ended(self, job: Job) -> None:
        """Tell those who wait for confirmed losses."""
        now = job.finished_at or timezone.now()
        losses_checked.send(sender=type(self), account_id=str(job.params["account"]), since=job.created_at, now=now)

    def step(self, run: Run) -> Outcome:
        """Some people more."""
        account = TrackedAccount.objects.select_related("workspace").filter(pk=run.params["account"]).first()
        login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
        if account is None or login is None:
            return Done(_("The account or its login was removed."))
        stand = Stand.of(run)
        todo = _todo(run, account, login, stand)
        if not todo and not stand.doubted:
            return Done(_told(stand), {"checked": stand.checked})
        wait = _allowance(run, login, stand)
        if wait is not None:
            return wait
        return guarded(
            run, login, lambda login: _checked(run, account, login, stand, todo),
            refused=lambda error: _after(run, stand, todo, login, error),
        )  # fmt: skip


def _checked(run: Run, account: TrackedAccount, login: InstagramLogin, stand: Stand, todo: list[Loss]) -> Outcome:
    with connect.gateway_for(login, clock=run.now) as gateway:
        return _check(run, Check(run, account, login, gateway, stand), todo)


@dataclass(slots=True)
class Check:
    """What a check works with."""

    run: Run
    account: TrackedAccount
    login: InstagramLogin
    gateway: connect.PacedGateway
    stand: Stand

    @property
    def is_own(self) -> bool:
        """Whether friendships tell."""
        return loss_checks.is_own(self.account, self.login)

    def read(self, call: Callable[[], Result]) -> Result:
        """One read, counted against the share unless it was not sent."""
        try:
            answer = call()
        except GatewayError:
            self.stand.spend_one()
            raise
        self.stand.spend_one()
        return answer


def _todo(run: Run, account: TrackedAccount, login: InstagramLogin, stand: Stand) -> list[Loss]:
    """The next people, those left out that wait for the canonical account."""
    left = run.params["most"] - stand.checked - len(stand.doubted or [])
    if left <= 0 or len(stand.doubted or []) >= DOUBTED_MOST:
        return []
    waiting = {tuple(key[:3]) for key in stand.doubted or []}
    own = loss_checks.is_own(account, login)
    ordered_at = datetime.fromisoformat(run.params["ordered_at"])  # what failed in this job is for the next one
    found = loss_checks.unexplained(account, is_own=own, before=ordered_at, limit=left + len(waiting))
    return [loss for loss in found if tuple(loss.key) not in waiting][:left]


def _allowance(run: Run, login: InstagramLogin, stand: Stand) -> Wait | None:
    """Sees to a share of the day's reads; the wait until tomorrow when it is used up."""
    now = run.now()
    if not stand.renews_at or now >= datetime.fromisoformat(stand.renews_at):
        left = usage.usage_of(login, now).left_today
        stand.allowed = None if left is None else int(left * SHARE)
        stand.renews_at = (now + _DAY).isoformat()
        with run.save(cursor=stand.cursor()):
            pass
    if stand.allowed is None or stand.allowed >= _READS:
        return None
    why = _("Checks may use %(share)d %% of the login’s reads a day. %(told)s The rest is checked tomorrow.")
    return Wait(datetime.fromisoformat(stand.renews_at), why % {"share": SHARE * 100, "told": _told(stand)})


def _check(run: Run, check: Check, todo: list[Loss]) -> Outcome:
    """People until the slice or the share ends; each is written with the cursor behind it."""
    over = time.monotonic() + SLICE
    stand = check.stand
    for loss in todo:
        if stand.doubted and len(stand.doubted) >= DOUBTED_MOST:
            break
        _one(check, loss)
        if run.cancel_seen or time.monotonic() >= over or (stand.allowed is not None and stand.allowed < _READS):
            return Again()
    return _vouch(check) if stand.doubted else Again()


def _one(check: Check, loss: Loss) -> None:
    run, stand, now = check.run, check.stand, check.run.now()
    if loss_checks.explain_by_rename(loss, login=check.login, now=now):
        finding = None
    elif loss.profile_id < 0:
        finding = _by_name(check, loss)
    else:
        finding = _by_number(check, loss)
    stand.failures, stand.hopeless, stand.half = 0, 0, None
    if finding is not None and finding.is_gone:
        stand.doubted = [*(stand.doubted or []), [*loss.key, loss.direction.value, loss.username, finding.tie]]
    with run.save(cursor=stand.cursor(), done=stand.checked) as progress:
        if finding is None or not finding.is_gone:
            if finding is not None:
                loss_checks.write(loss, judge(finding), login=check.login, now=now)
            stand.checked += 1
            progress.cursor, progress.done, progress.message = stand.cursor(), stand.checked, _told(stand)


def _by_number(check: Check, loss: Loss) -> Finding:
    """Friendship first, where it tells: a tie that stands needs no second read."""
    tie = _tie(check, loss) if check.is_own else None
    if tie:
        return Finding(tie=True)
    try:
        return Finding(tie, name=check.read(lambda: check.gateway.profile(loss.profile_id)).username)
    except Gone:
        return Finding(tie, is_gone=True)
    except Private:
        return Finding(tie, name=loss.username)


def _tie(check: Check, loss: Loss) -> bool | None:
    """What the friendship says; kept in the cursor, since the second read may have to wait for its turn."""
    stand = check.stand
    if stand.half and stand.half[0] == loss.key:
        known: bool | None = stand.half[1]
        return known
    try:
        friendship = check.read(lambda: check.gateway.friendship(loss.profile_id))
        tie = friendship.followed_by if loss.direction == Direction.FOLLOWERS else friendship.following
    except (Gone, Private):
        tie = None
    stand.half = [loss.key, tie]
    with check.run.save(cursor=stand.cursor()):
        pass
    return tie


def _by_name(check: Check, loss: Loss) -> Finding | None:
    """Of whom only the name is known: whoever bears it now, if that one is on the list, never left."""
    try:
        profile = check.read(lambda: check.gateway.profile_by_username(loss.username))
    except Gone:  # a changed name looks like a closed account: neither can be told
        return Finding()
    now = check.run.now()
    if loss_checks.is_on_list(loss.list_id, profile.pk) and loss_checks.join(
        loss, profile.pk, login=check.login, now=now
    ):
        return None
    return Finding(name=profile.username)


def _vouch(check: Check) -> Outcome:
    """The canonical account: if Instagram shows it, whoever was not found is gone; if not, nobody is."""
    run, stand = check.run, check.stand
    try:
        check.read(lambda: check.gateway.profile_by_username(settings.INSTAGRAM_CANONICAL_ACCOUNT))
        is_believed = True
    except (Gone, Private):
        is_believed = False
    doubted, stand.doubted = stand.doubted or [], []
    stand.checked += len(doubted)
    with run.save(cursor=stand.cursor(), done=stand.checked, message=_told(stand)):
        for list_id, profile_id, ended_seq, direction, username, tie in doubted:
            loss = Loss(list_id, Direction(direction), profile_id, ended_seq, username)
            judgement = judge(Finding(tie, is_gone=True)) if is_believed else UNKNOWN
            loss_checks.write(loss, judgement, login=check.login, now=run.now())
    if is_believed:
        return Again()
    return Failed(_("Instagram does not show accounts that surely exist. Nothing was believed."), "session_doubted")


def _after(run: Run, stand: Stand, todo: list[Loss], login: InstagramLogin, error: GatewayError) -> Outcome:
    """Wait, ask again, leave this person unknown, or stop: nobody is judged by a failure."""
    stand.failures += 1
    verdict = connect.after_error(login, error, now=run.now(), attempt=stand.failures)
    if isinstance(error, NeedsLogin) and isinstance(verdict, connect.End):
        return Failed(verdict.why, verdict.code)
    if not isinstance(error, ContractDrift | Transient) and not isinstance(verdict, connect.End):
        return verdict
    if stand.failures < FAILURES or not todo:
        with run.save(cursor=stand.cursor()):
            pass
        return verdict if isinstance(verdict, Wait) else Again(timedelta(seconds=5))
    stand.failures, stand.hopeless, stand.checked = 0, stand.hopeless + 1, stand.checked + 1
    with run.save(cursor=stand.cursor(), done=stand.checked):
        loss_checks.write(todo[0], UNKNOWN, login=login, now=run.now())
    if stand.hopeless >= HOPELESS:
        return Failed(_("Several checks in a row failed: %(why)s") % {"why": error}, error.code)
    return Again()


def _told(stand: Stand) -> str:
    return _("%(count)d people who left were checked.") % {"count": stand.checked}
