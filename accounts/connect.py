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

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import login_secrets, pace, proxy_ways
from accounts.gateway.errors import GatewayError
from accounts.gateway.protocol import ListOrder
from accounts.gateway.providers import open_private
from accounts.gateway.results import CommentPage, Friendship, PeoplePage, Person, Post, PostPage, Profile
from accounts.login_states import page_of
from accounts.models import InstagramLogin, LoginStatus, Workspace
from accounts.refusals import End, Verdict, after_error
from accounts.usage import Ledger
from igsite.jobs.kinds import Again, Wait

__all__ = [
    "End", "MustWait", "NotReady", "PacedGateway", "Verdict", "after_error", "gateway_for", "lane", "source_for",
]  # fmt: skip

lane = pace.lane
#: A pause shorter than handing the job back and being woken again is waited for on the spot. Only pauses scaled down
#: for a server on this machine are that short.
SHORT_PAUSE: Final = timedelta(milliseconds=300)
_TURN: Final = timedelta(seconds=30)
Result = TypeVar("Result")


class MustWait(Exception):
    """No request before ``until``; ``why`` is a sentence. Nothing was sent."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(why)
        self.until, self.why = until, why

    def outcome(self, now: datetime) -> Again | Wait:
        """What a step returns: a pause between two reads keeps the job's turn, anything longer gives it up."""
        if self.until - now <= _TURN:
            return Again(max(self.until - now, timedelta(0)))
        return Wait(self.until, self.why)


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


def gateway_for(login: InstagramLogin, *, clock: Callable[[], datetime] = timezone.now) -> PacedGateway:
    """A gateway for one step, to be used as a context manager. ``clock`` is the job's ``run.now``.

    Raises:
        MustWait: the login may not read yet.
        NotReady: a person has the next step.
        accounts.vault.VaultError: the session cannot be opened.
    """
    login.refresh_from_db()
    refusal = pace.why_not_now(login, clock())
    if refusal is not None:
        _raise_unless_short(login.pk, refusal, clock())
    session = login_secrets.opened_json(login, "session_sealed")
    if session is None:
        raise NotReady(_("This login is not signed in."), page_of(login.pk), LoginStatus(login.status))
    try:
        return PacedGateway(login, session, clock, proxy_ways.of_login(login, now=clock()))
    except proxy_ways.ProxyRests as rests:
        raise MustWait(rests.until, str(rests)) from rests


class PacedGateway:
    """A :class:`~accounts.gateway.protocol.ReadGateway` that reserves each read before it is sent.

    Every method may raise, besides ``GatewayError``, :class:`MustWait` and :class:`NotReady`: nothing was sent then.
    """

    source = "instagrapi_private"

    def __init__(
        self, login: InstagramLogin, session: dict[str, Any], clock: Callable[[], datetime], way: proxy_ways.Way
    ) -> None:
        self.login = login
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

    def profile_by_username(self, username: str) -> Profile:
        """A profile by its name."""
        return self._read("users/*/usernameinfo", lambda: self._inner.profile_by_username(username))

    def profile(self, pk: int) -> Profile:
        """A profile by its number."""
        return self._read("users/*/info", lambda: self._inner.profile(pk))

    def followers(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of followers."""
        return self._read("friendships/*/followers", lambda: self._inner.followers(pk, cursor, order=order))

    def following(self, pk: int, cursor: str | None = None, *, order: ListOrder = "default") -> PeoplePage:
        """One page of those whom ``pk`` follows."""
        return self._read("friendships/*/following", lambda: self._inner.following(pk, cursor, order=order))

    def friendship(self, pk: int) -> Friendship:
        """How the login and ``pk`` stand to each other."""
        return self._read("friendships/show/*", lambda: self._inner.friendship(pk))

    def friendships(self, pks: Sequence[int]) -> Sequence[Friendship]:
        """The same for several."""
        return self._read("friendships/show_many", lambda: self._inner.friendships(pks))

    def posts(self, pk: int, cursor: str | None = None) -> PostPage:
        """One page of posts."""
        return self._read("feed/user/*", lambda: self._inner.posts(pk, cursor))

    def post(self, code: str) -> Post:
        """A post by its short code."""
        return self._read("media/*/info", lambda: self._inner.post(code))

    def comments(self, post_pk: int, cursor: str | None = None) -> CommentPage:
        """One page of comments."""
        return self._read("media/*/comments", lambda: self._inner.comments(post_pk, cursor))

    def likers(self, post_pk: int) -> Sequence[Person]:
        """Those who like a post."""
        return self._read("media/*/likers", lambda: self._inner.likers(post_pk))

    def search(self, query: str) -> Sequence[Person]:
        """People whose name matches."""
        return self._read("users/search", lambda: self._inner.search(query))

    def probe_session(self) -> Profile:
        """The login's own account; ``NeedsLogin`` if the session is dead."""
        return self._read("accounts/current_user", self._inner.probe_session)

    def _read(self, endpoint: str, call: Callable[[], Result]) -> Result:
        now = self._clock()
        refusal = self._ledger.reserve(endpoint, now=now)
        if refusal is not None:
            now = _raise_unless_short(self.login.pk, refusal, now)
            refusal = self._ledger.reserve(endpoint, now=now)
        if refusal is not None:
            raise _refused(self.login.pk, refusal)
        try:
            return call()
        except GatewayError as error:
            self._ledger.fail(error.code)
            raise

    def _keep_session(self) -> None:
        """Stores what changed, unless somebody signed in anew meanwhile: that session wins."""
        session = self._inner.session_settings()
        if json.dumps(session, sort_keys=True) == self._session_text:
            return
        fresh = login_secrets.sealed_json(self.login, "session_sealed", session)
        InstagramLogin.objects.filter(pk=self.login.pk, session_sealed=self.login.session_sealed).update(
            session_sealed=fresh
        )


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
