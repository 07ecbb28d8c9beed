"""Ask the sources of a chain, one after the other, until one answers: the door for reads that need no certain source.

    answer = sources.read_profile(workspace, username="aurora", account=account, clock=run.now)
    answer.value, answer.source                     # which source it was

A list that is read page by page stays with one source: :func:`reader` chooses it, :func:`reader_of` finds it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import answers, connect, pace, run_reads, source_gateway, source_health, source_pace, source_runs
from accounts.gateway import errors
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.results import Profile
from accounts.models import InstagramLogin, KeyStatus, SourceAccess, SourceName, TrackedAccount, Workspace
from accounts.paced_reads import PacedReads, Result
from accounts.refusals import End, Verdict
from accounts.source_chains import PURPOSES, chain_for
from accounts.source_pages import page_of
from accounts.source_refusals import after_refusal
from accounts.source_runs import Task
from accounts.vault import VaultError
from igsite.jobs.kinds import Again, Blocked, Wait, kinds_between
from igsite.jobs.models import Job, JobState

__all__ = [
    "Answer",
    "NoAnswer",
    "Passed",
    "Reader",
    "ask_one",
    "chain_for",
    "look_at_profile",
    "read",
    "read_profile",
    "reader",
    "reader_of",
]

#: Whose word is believed about the target itself. Meta and TikHub answer the same to "missing" and "not for us"; who is
#: private may still be open to the login that follows them.
_TELLS: Final[dict[type[errors.GatewayError], frozenset[SourceName]]] = {
    errors.Gone: frozenset({SourceName.LOGIN, SourceName.WEB, SourceName.APIFY}),
    errors.Private: frozenset({SourceName.LOGIN}),
}


_PAUSE: Final = "pause"
#: A list is not handed to another source for a pause between two requests: it would be a stand-in's reading.
PATIENCE: Final = timedelta(seconds=30)
#: When to ask again a login that another job reads with.
BUSY_PAUSE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Passed:
    """A source that did not answer, and why. ``until``: when it may be asked again by itself; ``url``: where a person
    has to do something first."""

    source: SourceName
    code: str
    why: str
    until: datetime | None = None
    url: str = ""
    trouble: source_health.Trouble | None = None


class NoAnswer(Exception):
    """No source of the chain answered; ``passed`` says why of each."""

    def __init__(self, passed: Sequence[Passed]) -> None:
        self.passed = tuple(passed)
        self.why = " ".join(dict.fromkeys(one.why for one in passed)) or _("No source can do this.")
        super().__init__(self.why)

    def outcome(self, now: datetime, job: Job | None = None) -> Again | Wait | Blocked | End:
        """What a job does: wait for whoever is ready first, else for a person, else end."""
        waiting = [one for one in self.passed if one.until is not None]
        if waiting:
            first = min(waiting, key=lambda one: one.until or now)
            if first.trouble is not None:
                return connect.SourceBroken(first.trouble).outcome(now, job)
            if first.code == _PAUSE:
                return connect.MustWait(first.until or now, first.why).outcome(now)
            return Wait(first.until or now, first.why)
        asking = next((one for one in self.passed if one.url), None)
        if asking is not None:
            return Blocked(asking.why, asking.url)
        return End(self.passed[-1].code if self.passed else "no_source", self.why)


@dataclass(frozen=True, slots=True)
class Reader:
    """One source, ready to be opened for a workspace: with a login, or with an access."""

    source: SourceName
    workspace: Workspace
    login: InstagramLogin | None = None
    access: SourceAccess | None = None

    @property
    def lane(self) -> str:
        """The lane of jobs that read with it; "" where several may at once, since their pauses are kept by a row."""
        return pace.lane(self.login.pk) if self.login else ""

    def open(
        self, clock: Callable[[], datetime] = timezone.now, task: Task | None = None
    ) -> connect.PacedGateway | source_gateway.SourceGateway | run_reads.RunReads:
        """The gateway for one step. ``task`` is what paid runs are ordered for, where the source works in those.

        Raises ``MustWait``, ``NotReady``, ``VaultError``.
        """
        if self.login is not None:
            return connect.gateway_for(self.login, clock=clock)
        if self.access is not None and task is not None and SOURCES[self.source].works_in_runs:
            return run_reads.RunReads(self.access, self.workspace, task, clock)
        if self.access is not None:
            return source_gateway.opened(self.access, self.workspace, clock=clock)
        raise connect.NotReady(_("This source has no key any more."), page_of(self.source))

    def after_error(self, error: errors.GatewayError, *, now: datetime, attempt: int = 0) -> Verdict:
        """Note what the error means for its login or access; what the job does."""
        if self.login is not None:
            return connect.after_error(self.login, error, now=now, attempt=attempt)
        if self.access is not None:
            return after_refusal(self.access, error, now=now, attempt=attempt)
        return End(error.code, str(error))

    @property
    def witness(self) -> source_health.Witness:
        """Who met what it answered."""
        return source_health.Witness(self.workspace, self.login, self.access)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Result]):
    """What a source answered. ``passed`` are those that were asked or looked at before it. ``kept_at`` is when it was
    answered, if it comes from the read cache: to be shown with its age, as stale where ``is_stale``."""

    value: Result
    source: SourceName
    passed: tuple[Passed, ...] = ()
    kept_at: datetime | None = None
    is_stale: bool = False


def reader_of(workspace: Workspace, source: SourceName, *, login_id: UUID | None = None) -> Reader:
    """The reader of one source. Raises ``connect.NotReady``: its login or its key is not there."""
    if source == SourceName.LOGIN:
        return Reader(source, workspace, login=connect.source_for(workspace, login_id=login_id))
    access = source_health.access_of(workspace, source)
    if access is None:
        why = _("There is no key for %(source)s in this workspace.") % {"source": source.label}
        raise connect.NotReady(why, page_of(source))
    return Reader(source, workspace, access=access)


def reader(
    workspace: Workspace, ability: Ability, *, account: TrackedAccount | None = None, now: datetime,
    without: Sequence[SourceName] = (), login_id: UUID | None = None,
) -> Reader:  # fmt: skip
    """The first source of the chain that can begin now; if none can, the one that can first by itself.

    Raises:
        NoAnswer: a person has to do something first.
    """
    passed: list[Passed] = []
    waiting: list[tuple[datetime, Reader]] = []
    for source in chain_for(workspace, PURPOSES[ability], account=account):
        if source in without:
            continue
        found = _standing(workspace, source, ability, now, login_id, PATIENCE)
        if isinstance(found, Reader):
            return found
        passed.append(found)
        if found.until is not None:
            waiting.append((found.until, reader_of(workspace, source, login_id=login_id)))
    if waiting:
        return min(waiting, key=lambda one: one[0])[1]
    raise NoAnswer(passed)


def _standing(
    workspace: Workspace, source: SourceName, ability: Ability, now: datetime, login_id: UUID | None,
    patience: timedelta = connect.SHORT_PAUSE,
) -> Reader | Passed:  # fmt: skip
    """The source as it stands, nothing sent; a shorter wait than ``patience`` is none."""
    if not SOURCES[source].can(ability):
        return Passed(source, errors.Unsupported.code, _("%(source)s cannot do that.") % {"source": source.label})
    trouble = source_health.trouble(source, ability, now=now)
    if trouble is not None:
        return Passed(source, errors.ContractDrift.code, trouble.why, trouble.until, trouble=trouble)
    try:
        found = reader_of(workspace, source, login_id=login_id)
    except connect.NotReady as stop:
        return Passed(source, "not_ready", stop.why, url=stop.url)
    refusal: object = None
    if found.login is not None:
        refusal = pace.why_not_now(found.login, now)
    elif found.access is not None:
        refusal = source_pace.why_not_now(found.access, now)
    if isinstance(refusal, pace.NotBefore) and refusal.at - now > patience:
        return Passed(source, _PAUSE, refusal.why, refusal.at)
    if isinstance(refusal, KeyStatus):
        return Passed(source, errors.NeedsKey.code, str(errors.NeedsKey()), url=page_of(source))
    return found


def read(
    workspace: Workspace, ability: Ability, ask: Callable[[PacedReads], Result], *,
    account: TrackedAccount | None = None, clock: Callable[[], datetime] = timezone.now, attempt: int = 0,
    login_id: UUID | None = None, task: Task | None = None, lane: str = "",
) -> Answer[Result]:  # fmt: skip
    """Ask the chain of this ability's purpose until a source answers. Each is asked at most once.

    Refusals of a source (it cannot, is too fast, broken, out of credit, needs a person) move on to the next one, and
    are noted on the source. What a source says of the target, that it is gone or private, ends the walk if it can tell.
    ``task`` is what a paid run may be ordered for; while one is on its way nobody else is asked. ``lane`` is the
    asking job's own: a login that another job of its lane reads with is not disturbed.

    Raises:
        errors.Gone, errors.Private: said by a source that can tell (``said_by``).
        NoAnswer: none answered.
    """
    chain = chain_for(workspace, PURPOSES[ability], account=account)
    if _is_paid_for(task):
        chain = tuple(name for name in chain if SOURCES[name].works_in_runs) or chain
    passed: list[Passed] = []
    for source in chain:
        standing = _standing(workspace, source, ability, clock(), login_id)
        if isinstance(standing, Reader) and _is_at_work(standing, lane):
            standing = Passed(source, "busy", _("The login is at work."), clock() + BUSY_PAUSE)
        answered = _asked(standing, ask, clock, attempt, task) if isinstance(standing, Reader) else standing
        if not isinstance(answered, Passed):
            return Answer(answered, source, tuple(passed))
        if answered.until is not None and _is_paid_for(task):
            raise NoAnswer([answered])  # whoever stands behind it is not asked while it runs
        passed.append(answered)
    raise NoAnswer(passed)


def _is_at_work(found: Reader, lane: str) -> bool:
    """Whether another job reads with this login just now, or is on its way through a list: one at a time does."""
    if found.login is None or found.lane == lane:
        return False
    running = Job.objects.filter(lane=found.lane, state=JobState.RUNNING)
    return running.filter(~Q(lease_token=None) | ~Q(kind__in=kinds_between())).exists()


def _is_paid_for(task: Task | None) -> bool:
    return task is not None and source_runs.is_open(task.order)


def _asked(
    found: Reader, ask: Callable[[PacedReads], Result], clock: Callable[[], datetime], attempt: int,
    task: Task | None = None,
) -> Result | Passed:  # fmt: skip
    """What this source answers, or why it does not. Raises the target's truths, where it can tell them."""
    source = found.source
    if SOURCES[source].works_in_runs and task is None:
        sentence = _("%(source)s works in paid runs, which this task does not order.") % {"source": source.label}
        return Passed(source, errors.Unsupported.code, sentence)
    try:
        with found.open(clock, task) as gateway:
            return ask(gateway)
    except (errors.Gone, errors.Private) as truth:
        truth.said_by = source
        if source in _TELLS[type(truth)]:
            raise
        return Passed(source, truth.code, str(truth))
    except connect.SourceBroken as broken:
        return Passed(source, "contract_drift", broken.why, broken.until, trouble=broken.trouble)
    except connect.MustWait as wait:
        return Passed(source, _PAUSE, wait.why, wait.until)
    except connect.NotReady as stop:
        return Passed(source, "not_ready", stop.why, url=stop.url)
    except VaultError as closed:
        return Passed(source, closed.code, str(closed))
    except errors.GatewayError as error:
        return _refused(found, error, clock(), attempt)


def look_at_profile(
    workspace: Workspace, *, username: str, account: TrackedAccount | None = None,
    clock: Callable[[], datetime] = timezone.now,
) -> Answer[Profile]:  # fmt: skip
    """A profile to be shown, never to be computed with: a fresh answer of the cache without any request, else what the
    chain answers, else the stale answer of the cache.

    Raises:
        errors.Gone, errors.Private, NoAnswer: as :func:`read`; ``NoAnswer`` only if nothing was kept either.
    """
    kept = answers.profile(workspace, username, now=clock())
    if kept is not None and not kept.is_stale(clock()):
        return Answer(kept.profile, kept.source, kept_at=kept.answered_at)
    try:
        answer = read_profile(workspace, username=username, account=account, clock=clock)
    except NoAnswer as none:
        if kept is None:
            raise
        return Answer(kept.profile, kept.source, none.passed, kept.answered_at, is_stale=True)
    answers.keep(workspace, answer.value, answer.source, now=clock())
    return answer


def ask_one(
    workspace: Workspace, source: SourceName, ask: Callable[[PacedReads], Result], *,
    clock: Callable[[], datetime] = timezone.now, login_id: UUID | None = None, attempt: int = 0,
) -> Result:  # fmt: skip
    """Ask this source and no other. Raises as :func:`read`, its refusal as :class:`NoAnswer`."""
    try:
        answered = _asked(reader_of(workspace, source, login_id=login_id), ask, clock, attempt)
    except connect.NotReady as stop:
        raise NoAnswer([Passed(source, "not_ready", stop.why, url=stop.url)]) from None
    if isinstance(answered, Passed):
        raise NoAnswer([answered])
    return answered


def _refused(found: Reader, error: errors.GatewayError, now: datetime, attempt: int) -> Passed:
    """Note the refusal on the source."""
    if isinstance(error, errors.ContractDrift):
        trouble = source_health.report(found.source, error.asked, str(error), found.witness, now=now)
        until = trouble.until if trouble else None
        return Passed(found.source, error.code, trouble.why if trouble else str(error), until, trouble=trouble)
    verdict = found.after_error(error, now=now, attempt=attempt)
    if isinstance(verdict, Wait):
        return Passed(found.source, error.code, verdict.why, verdict.until)
    if isinstance(verdict, Blocked):
        return Passed(found.source, error.code, verdict.why, url=verdict.url)
    return Passed(found.source, error.code, str(error))


def read_profile(
    workspace: Workspace, *, username: str, pk: int | None = None, account: TrackedAccount | None = None,
    clock: Callable[[], datetime] = timezone.now, attempt: int = 0,
    login_id: UUID | None = None, order: str = "", lane: str = "",
) -> Answer[Profile]:  # fmt: skip
    """A profile, by its number where the source knows numbers, else by its name.

    A name that belongs to somebody else by now is no answer for a known number: that source cannot tell. ``order``
    names what a paid run may be ordered for, and finds it again; without it nothing is paid by the run.
    """

    def ask(gateway: PacedReads) -> Profile:
        if pk is not None and SOURCES[gateway.source].can(Ability.PROFILE):
            return gateway.profile(pk)
        found = gateway.profile_by_username(username)
        if pk is not None and found.pk != pk:
            raise errors.Unsupported(_("The name @%(name)s belongs to another account now.") % {"name": username})
        return found

    return read(
        workspace, Ability.PROFILE_BY_USERNAME, ask, account=account, clock=clock, attempt=attempt, login_id=login_id,
        task=Task(order, username) if order else None, lane=lane,
    )  # fmt: skip
