"""From a login to a ready gateway: session from the vault, each read paced and written down, the session kept.

A job uses it like this::

    try:
        with connect.gateway_for(login, clock=run.now) as gateway:
            page = gateway.followers(pk, cursor)
    except connect.MustWait as wait:
        return wait.outcome(run.now())
    except connect.NotReady as stop:
        return Blocked(stop.why, stop.url)
    except GatewayError as error:
        verdict = connect.after_error(login, error, now=run.now())
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import login_secrets, login_states, pace, proxy_ways, source_health
from accounts.gateway.abilities import Ability
from accounts.gateway.errors import GatewayError
from accounts.gateway.protocol import WriteGateway
from accounts.gateway.providers import open_private
from accounts.gateway.results import Profile
from accounts.login_states import page_of
from accounts.models import InstagramLogin, LoginStatus, Workspace
from accounts.paced_reads import PacedReads, Result
from accounts.refusals import End, Verdict, after_error
from accounts.usage import Ledger
from accounts.vault import KeyUnavailable, SecretLost, VaultLocked
from igsite.jobs.kinds import Again, Wait
from igsite.jobs.models import Job

if TYPE_CHECKING:
    from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate

__all__ = [
    "End", "MustWait", "NotReady", "PacedGateway", "SourceBroken", "Verdict", "after_error", "gateway_for", "lane",
    "source_for",
]  # fmt: skip

lane = pace.lane
#: A pause shorter than handing the job back and being woken again is waited for on the spot. Only pauses scaled down
#: for a server on this machine are that short.
SHORT_PAUSE: Final = timedelta(milliseconds=300)
_TURN: Final = timedelta(seconds=30)
#: How long to wait for an operator to give back the master key.
KEY_PAUSE: Final = timedelta(minutes=1)


class MustWait(Exception):
    """No request before ``until``; ``why`` is a sentence. Nothing was sent."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until, self.why = until, why

    def outcome(self, now: datetime, job: Job | None = None) -> Again | Wait:  # noqa: ARG002 - for those that count it
        """What a step returns: a pause between two reads keeps the job's turn, anything longer gives it up."""
        if self.until - now <= _TURN:
            return Again(max(self.until - now, timedelta(0)))
        return Wait(self.until, self.why)


class SourceBroken(MustWait):
    """This part of the source is broken for everybody. ``job`` in :meth:`outcome` is counted among those that wait."""

    def __init__(self, trouble: source_health.Trouble) -> None:
        super().__init__(trouble.until, trouble.why)
        self.trouble = trouble

    def outcome(self, now: datetime, job: Job | None = None) -> Again | Wait:
        """Until the next probe, or until one shows that it works again."""
        if job is not None:
            source_health.wait(self.trouble, job, now=now)
        return Wait(max(self.until, now), self.why)


class NotReady(Exception):
    """The login cannot be used until a person did something at ``url``. Nothing was sent."""

    def __init__(self, why: str, url: str, status: LoginStatus | None = None) -> None:
        super().__init__(why)
        self.why, self.url, self.status = why, url, status


def source_for(workspace: Workspace, *, login_id: UUID | None = None) -> InstagramLogin:
    """The login that reads for this workspace: the one that was chosen, else the first that is ready.

    Raises:
        NotReady: there is none, or the chosen one is gone. A chosen login that is not ready is returned as it is:
            :func:`gateway_for` says what it needs.
    """
    mine = InstagramLogin.objects.for_workspace(workspace)
    if login_id is not None:
        login = mine.filter(pk=login_id).first()
        if login is None:
            raise NotReady(_("This login was removed. Choose another one."), reverse("settings:logins"))
        return login
    for status in (LoginStatus.READY, LoginStatus.FROZEN):
        login = mine.filter(status=status).order_by("created_at", "pk").first()
        if login is not None:
            return login
    raise NotReady(_("No Instagram login is ready. Add one, or finish signing in."), reverse("settings:logins"))


def gateway_for(
    login: InstagramLogin, *, clock: Callable[[], datetime] = timezone.now, is_probe: bool = False
) -> PacedGateway:
    """A gateway for one step, to be used as a context manager. ``clock`` is the job's ``run.now``.

    ``is_probe``: it may ask what is broken for everybody, to see whether it still is.

    Raises:
        MustWait: the login may not read yet.
        NotReady: a person has the next step.
            Also when the session does not open any more.
        accounts.vault.VaultLocked: the vault waits for its passphrase.
    """
    login.refresh_from_db()
    refusal = pace.why_not_now(login, clock())
    if refusal is not None:
        _raise_unless_short(login.pk, refusal, clock())
    session = _session_of(login, clock())
    if session is None:
        raise NotReady(_("This login is not signed in."), page_of(login.pk), LoginStatus(login.status))
    try:
        way = proxy_ways.of_login(login, now=clock())
    except proxy_ways.ProxyRests as rests:
        raise MustWait(rests.until, str(rests)) from rests
    return PacedGateway(login, session, clock, way, is_probe=is_probe)


class PacedGateway(PacedReads):
    """A login's reads, each reserved before it is sent."""

    source = "instagrapi_private"
    _inner: InstagrapiPrivate

    def __init__(
        self,
        login: InstagramLogin,
        session: dict[str, Any],
        clock: Callable[[], datetime],
        way: proxy_ways.Way,
        *,
        is_probe: bool = False,
    ) -> None:
        self.login, self._is_probe = login, is_probe
        self._sound: set[Ability] = set()
        self._clock, self._way = clock, way
        self._session_text = json.dumps(session, sort_keys=True)
        self._ledger = Ledger(login_id=login.pk, workspace_id=login.workspace_id, source=self.source, clock=clock)
        self._inner = open_private(
            session, base_url=settings.INSTAGRAM_BASE_URL, proxy=way.address, pacing=way.watching(self._ledger)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._way.settle(error, now=self._clock())
            self._ledger.settle()
            self._keep_session()
        finally:
            self._inner.close()

    def writer(self) -> WriteGateway:
        """For whoever reserved a write before (``automation``): each call is one POST, and is never repeated."""
        return self._inner

    def probe_session(self) -> Profile:
        """The login's own account; ``NeedsLogin`` if the session is dead."""
        return self._read(None, "accounts/current_user", self._inner.probe_session)

    def _read(self, ability: Ability | None, endpoint: str, call: Callable[[], Result]) -> Result:
        now = self._clock()
        self._must_be_sound(ability, now)
        refusal = self._ledger.reserve(endpoint, now=now)
        if refusal is not None:
            now = _raise_unless_short(self.login.pk, refusal, now)
            refusal = self._ledger.reserve(endpoint, now=now)
        if refusal is not None:
            raise _refused(self.login.pk, refusal)
        try:
            return call()
        except GatewayError as error:
            error.asked = ability or ""
            self._ledger.fail(error.code)
            raise

    def _must_be_sound(self, ability: Ability | None, now: datetime) -> None:
        """Looked up once an ability: a gateway lives for one step."""
        if ability is None or ability in self._sound or self._is_probe:
            return
        trouble = source_health.trouble(self.source, ability, now=now)
        if trouble is not None:
            raise SourceBroken(trouble)
        self._sound.add(ability)

    def _keep_session(self) -> None:
        """Stores what changed, unless somebody signed in anew meanwhile: that session wins."""
        session = self._inner.session_settings()
        if json.dumps(session, sort_keys=True) == self._session_text:
            return
        with contextlib.suppress(VaultLocked):  # locked meanwhile: the session that is stored serves on
            fresh = login_secrets.sealed_json(self.login, "session_sealed", session)
            while not self._replaced(fresh) and self._is_only_sealed_anew():
                pass

    def _replaced(self, fresh: bytes) -> bool:
        mine = InstagramLogin.objects.filter(pk=self.login.pk, session_sealed=self.login.session_sealed)
        return bool(mine.update(session_sealed=fresh))

    def _is_only_sealed_anew(self) -> bool:
        """Whether what is stored differs by its data key alone (``manage.py rotate_keys``)."""
        self.login.refresh_from_db(fields=["session_sealed"])
        stored = login_secrets.opened_json(self.login, "session_sealed")
        return stored is not None and json.dumps(stored, sort_keys=True) == self._session_text


def _session_of(login: InstagramLogin, now: datetime) -> dict[str, Any] | None:
    try:
        return login_secrets.opened_json(login, "session_sealed")
    except SecretLost as lost:
        note = login_states.lost(login, lost, now=now)
        raise NotReady(note, page_of(login.pk), LoginStatus.NEEDS_LOGIN) from lost
    except KeyUnavailable as away:
        raise MustWait(now + KEY_PAUSE, str(away)) from away


def _refused(login_id: UUID, refusal: pace.NotBefore | pace.NotReading) -> MustWait | NotReady:
    if isinstance(refusal, pace.NotBefore):
        return MustWait(refusal.at, refusal.why)
    why = _("The login that reads here says: %(status)s.") % {"status": refusal.status.label}
    is_gone = refusal.status == LoginStatus.REMOVED
    return NotReady(why, reverse("settings:logins") if is_gone else page_of(login_id), refusal.status)


def _raise_unless_short(login_id: UUID, refusal: pace.NotBefore | pace.NotReading, now: datetime) -> datetime:
    """Waits for a short pause and returns the time after it; raises for anything else."""
    if not isinstance(refusal, pace.NotBefore) or refusal.at - now > SHORT_PAUSE:
        raise _refused(login_id, refusal)
    time.sleep(max((refusal.at - now).total_seconds(), 0))
    return refusal.at
