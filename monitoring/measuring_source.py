"""Whom a monitor's measurement is asked of: the one place that chooses the source.

The sources of the target's chain are asked in its order (:mod:`accounts.source_chains`); what is said of the target
itself ends the walk as it does in :mod:`accounts.sources`. A pause of some seconds is waited for; after anything longer
the next source is asked. Nothing here comes from a cache: :func:`kept` is for showing only.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Generic, Self

from django.utils.translation import gettext as _

from accounts import answers, connect, source_gateway, source_health, source_probe, sources
from accounts.gateway import errors
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.results import Post, PostPage, Profile
from accounts.models import InstagramLogin, Purpose, SourceChain, SourceName, TrackedAccount, Workspace
from accounts.paced_reads import PacedReads, Result
from accounts.source_chains import DEFAULT, PURPOSES, chain_for
from monitoring.models import Monitor

#: A source that may be asked again so soon is waited for.
SHORT: Final = timedelta(seconds=30)
Ask = Callable[[PacedReads], Result]


class Unanswered(Exception):
    """No source of the target's chain answered, and none of them is the login's own affair: this target has to wait."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Seen(Generic[Result]):
    """What was answered, and by whom."""

    value: Result
    source: str


class Reader:
    """What one step of a reading job asks; a context manager. ``login`` None: the job of a workspace without one."""

    def __init__(self, workspace: Workspace, login: InstagramLogin | None, *, clock: Callable[[], datetime]) -> None:
        self._workspace, self._login, self._clock = workspace, login, clock
        self._stack = ExitStack()
        self._gateway: connect.PacedGateway | None = None
        self._has_chains: bool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def shows_anything(self, source: str) -> bool:
        """Whether what surely exists is there for ``source``, which said that something else is not; False: who knows.

        Raises as :meth:`measure`: ``NeedsLogin``, for one, if the login's session is dead.
        """
        if source != SourceName.LOGIN:
            try:
                sources.ask_one(self._workspace, SourceName(source), source_probe.surely_there, clock=self._clock)
            except (sources.NoAnswer, errors.Gone, errors.Private):
                return False
        elif self._login is not None:
            self._opened().probe_session()
        return True

    def measure(self, monitor: Monitor) -> Seen[Profile | Post]:
        """One read of the monitor's target.

        Raises:
            GatewayError: of the login, or of the target.
            connect.MustWait, connect.NotReady: the login, or a source of the chain, comes back by itself, or needs a
                person.
            Unanswered: the chain does not lead to the login, and none of its sources answered.
        """
        if monitor.is_profile:
            return self._ask(monitor, Ability.PROFILE_BY_USERNAME, lambda gateway: _profile(gateway, monitor))
        return self._ask(monitor, Ability.POST, lambda gateway: gateway.post(monitor.code))

    def posts(self, monitor: Monitor) -> Seen[PostPage]:
        """The newest posts of a profile with their counts: one read measures them all. Raises as :meth:`measure`."""
        owner = Profile(pk=monitor.profile_id or 0, username=monitor.username)
        return self._ask(monitor, Ability.POSTS, lambda gateway: source_gateway.posts_of(gateway, owner))

    def _ask(self, monitor: Monitor, ability: Ability, ask: Ask[Result]) -> Seen[Result]:
        chain = self._chain(monitor, PURPOSES[ability])
        passed: list[sources.Passed] = []
        for number, source in enumerate(chain, start=1):
            if not SOURCES[source].can(ability):
                continue
            if source == SourceName.LOGIN and self._login is not None:
                found = self._by_login(ask, passed, is_last=number == len(chain))
            else:
                found = self._by_other(source, ask)
            if isinstance(found, Seen):
                return found
            passed.append(found)
        raise _nobody(passed)

    def _by_login(
        self, ask: Ask[Result], passed: list[sources.Passed], *, is_last: bool
    ) -> Seen[Result] | sources.Passed:
        """By the job's own login. Its troubles are the job's, unless somebody stands behind it in the chain."""
        try:
            return Seen(ask(self._opened()), SourceName.LOGIN)
        except connect.MustWait as wait:
            if not is_last and wait.until - self._clock() > SHORT:
                return sources.Passed(SourceName.LOGIN, "waits", wait.why, wait.until)
            sooner = min((one.until for one in passed if one.until is not None), default=wait.until)
            if sooner < wait.until:
                raise connect.MustWait(sooner, wait.why) from wait
            raise
        except connect.NotReady as stop:
            if is_last:
                raise
            return sources.Passed(SourceName.LOGIN, "not_ready", stop.why, url=stop.url)
        except errors.GatewayError as error:
            if is_last or isinstance(error, errors.Gone | errors.Private):
                raise
            self._note(error)
            return sources.Passed(SourceName.LOGIN, error.code, str(error))

    def _note(self, error: errors.GatewayError) -> None:
        """What the refusal means for the login, or for everybody; the next source is asked meanwhile."""
        now = self._clock()
        if isinstance(error, errors.ContractDrift):
            witness = source_health.Witness(self._workspace, self._login)
            source_health.report(SourceName.LOGIN, error.asked, str(error), witness, now=now)
        elif self._login is not None and not isinstance(error, errors.Unsupported):
            connect.after_error(self._login, error, now=now)

    def _by_other(self, source: SourceName, ask: Ask[Result]) -> Seen[Result] | sources.Passed:
        try:
            return Seen(sources.ask_one(self._workspace, source, ask, clock=self._clock), source)
        except sources.NoAnswer as none:
            passed = none.passed[0]
        if passed.until is not None and passed.trouble is None and passed.until - self._clock() <= SHORT:
            raise connect.MustWait(passed.until, passed.why)
        return passed

    def _opened(self) -> connect.PacedGateway:
        if self._login is None:
            raise connect.NotReady(_("No Instagram login is ready. Add one, or finish signing in."), "")
        if self._gateway is None:
            self._gateway = self._stack.enter_context(connect.gateway_for(self._login, clock=self._clock))
        return self._gateway

    def _chain(self, monitor: Monitor, purpose: Purpose) -> tuple[SourceName, ...]:
        """The chain of the tracked account, if the target is one of the workspace's; looked up where any was chosen."""
        if self._has_chains is None:
            self._has_chains = has_chains(self._workspace)
        if not self._has_chains:
            return DEFAULT
        owner = monitor if monitor.is_profile else monitor.parent
        mine = TrackedAccount.objects.for_workspace(self._workspace)
        known = owner is not None and owner.profile_id is not None
        account = mine.filter(profile=owner.profile_id).first() if owner is not None and known else None
        return chain_for(self._workspace, purpose, account=account)


def has_chains(workspace: Workspace) -> bool:
    """Whether anything but the workspace's own login was chosen, for any purpose or account."""
    chosen = SourceChain.objects.for_workspace(workspace).exists()
    return chosen or TrackedAccount.objects.for_workspace(workspace).filter(uses_login=False).exists()


def measures_without_login(workspace: Workspace) -> bool:
    """Whether a source that needs no login stands in the workspace's chain for profiles or for posts."""
    chains = (chain_for(workspace, purpose) for purpose in (Purpose.PROFILE, Purpose.POSTS))
    return any(source != SourceName.LOGIN for chain in chains for source in chain)


def kept(monitor: Monitor, *, now: datetime) -> answers.Kept | None:
    """What the read cache knows of a profile that cannot be measured, if that is newer than its last measurement.

    To be shown with its age and as stale; it is no measurement and goes into no history.
    """
    if not monitor.is_profile or not monitor.username:
        return None
    found = answers.profile(monitor.workspace, monitor.username, now=now)
    if found is None or (monitor.checked_at is not None and found.answered_at <= monitor.checked_at):
        return None
    return found


def _profile(gateway: PacedReads, monitor: Monitor) -> Profile:
    """By its number where the source knows numbers; by its name only while it is still the same account."""
    pk = monitor.profile_id
    if pk is not None and SOURCES[SourceName(gateway.source)].can(Ability.PROFILE):
        return gateway.profile(pk)
    found = gateway.profile_by_username(monitor.username)
    if pk is not None and found.pk != pk:
        raise errors.Unsupported(_("The name @%(name)s belongs to another account now.") % {"name": monitor.username})
    return found


def _nobody(passed: list[sources.Passed]) -> Unanswered:
    """None answered: the code of the last one, the reasons of all."""
    if not passed:
        return Unanswered(errors.Unsupported.code, _("No source can do this."))
    return Unanswered(passed[-1].code, " ".join(dict.fromkeys(one.why for one in passed)))
