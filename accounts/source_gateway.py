"""From a source's access to a ready gateway: the key from the vault, each request paced and written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Protocol, Self, cast

from django.conf import settings
from django.utils import timezone

from accounts import connect, pace, proxy_ways, source_health, source_secrets
from accounts.gateway import errors, providers
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.protocol import Pacing, ReadGateway, ReadsByUsername
from accounts.gateway.results import PostPage, Profile
from accounts.gateway.runs import RunKind
from accounts.models import SourceAccess, SourceName, Workspace
from accounts.paced_reads import PacedReads, Result
from accounts.source_pace import AccessLedger
from accounts.source_pages import page_of

_PLAYED_UNDER: Final = {
    SourceName.WEB: "",
    SourceName.APIFY: "/apify",
    SourceName.TIKHUB: "/tikhub",
    SourceName.META: "/meta_graph",
}


class Closing(ReadGateway, Protocol):
    """What the doors open."""

    def close(self) -> None: ...


def opened(
    access: SourceAccess, workspace: Workspace, *, clock: Callable[[], datetime] = timezone.now, is_probe: bool = False
) -> SourceGateway:
    """A gateway for one step, to be used as a context manager; ``workspace`` is whom the ledger counts it for.

    Raises:
        connect.MustWait: its proxy rests.
        connect.NotReady: there is no key, or it was refused.
        accounts.vault.VaultError: the key cannot be opened.
    """
    ledger = AccessLedger(access, workspace, clock)
    way = way_of(access, workspace, clock())
    return SourceGateway(access, open_source(access, way, ledger), way, ledger, clock, is_probe=is_probe)


def way_of(access: SourceAccess, workspace: Workspace, now: datetime) -> proxy_ways.Way:
    """The proxy that this workspace reads the source through, if any. Raises ``connect.MustWait`` while it rests."""
    try:
        return proxy_ways.of_source(workspace, access.source, now=now)
    except proxy_ways.ProxyRests as rests:
        raise connect.MustWait(rests.until, str(rests)) from rests


def open_source(access: SourceAccess, way: proxy_ways.Way, pacing: Pacing) -> Any:
    """The bare source: for what is no read of the protocol (a key's check, a paid run)."""
    door: Callable[..., Any] = getattr(providers, SOURCES[access.source].door)
    more: dict[str, Any] = {}
    if access.source == SourceName.META:
        more["own_user_id"] = int(access.own_user_id)
    elif access.source == SourceName.APIFY:
        more["actors"] = {RunKind(kind): actor for kind, actor in settings.APIFY_ACTORS.items()}
    key = () if access.source == SourceName.WEB else (source_secrets.opened(access),)
    return door(*key, base_url=_base_url(access.source), proxy=way.address, pacing=way.watching(pacing), **more)


def reserve(ledger: AccessLedger, endpoint: str, source: str, now: datetime) -> None:
    """Reserve a request; a short pause is waited for. Raises ``MustWait``, ``NotReady``: nothing may be sent."""
    refusal = ledger.reserve(endpoint, now=now)
    if isinstance(refusal, pace.NotBefore) and refusal.at - now <= connect.SHORT_PAUSE:
        time.sleep(max((refusal.at - now).total_seconds(), 0))
        refusal = ledger.reserve(endpoint, now=refusal.at)
    if isinstance(refusal, pace.NotBefore):
        raise connect.MustWait(refusal.at, refusal.why)
    if refusal is not None:
        raise connect.NotReady(str(errors.NeedsKey()), page_of(source))


def _base_url(source: str) -> str | None:
    """None: the real service. In demo and tests all of them are played by one server on this machine."""
    played = settings.INSTAGRAM_BASE_URL
    return None if played is None else played + _PLAYED_UNDER[SourceName(source)]


class SourceGateway(PacedReads):
    """The reads of one access."""

    def __init__(
        self, access: SourceAccess, inner: Closing, way: proxy_ways.Way, ledger: AccessLedger,
        clock: Callable[[], datetime], *, is_probe: bool = False,
    ) -> None:  # fmt: skip
        self.access, self._inner, self._ledger, self._clock, self._way = access, inner, ledger, clock, way
        self.source = access.source
        self._is_probe = is_probe
        self._sound: set[Ability] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._way.settle(error, now=self._clock())
        finally:
            cast("Closing", self._inner).close()

    def posts_by_username(self, username: str, cursor: str | None = None) -> PostPage:
        """One page of posts of a source that knows names only."""
        ask = cast("ReadsByUsername", self._inner).posts_by_username
        return self._read(Ability.POSTS, "posts_by_username", lambda: ask(username, cursor))

    def _read(self, ability: Ability, endpoint: str, call: Callable[[], Result]) -> Result:
        now = self._clock()
        if not SOURCES[self.source].can(ability):
            raise errors.Unsupported
        self._must_be_sound(ability, now)
        reserve(self._ledger, endpoint, self.source, now)
        try:
            return call()
        except errors.GatewayError as error:
            error.asked = ability
            self._ledger.fail(error.code)
            raise
        finally:
            self._ledger.done()

    def _must_be_sound(self, ability: Ability, now: datetime) -> None:
        if ability in self._sound or self._is_probe:
            return
        trouble = source_health.trouble(self.source, ability, now=now)
        if trouble is not None:
            raise connect.SourceBroken(trouble)
        self._sound.add(ability)


def posts_of(gateway: PacedReads, profile: Profile) -> PostPage:
    """The first page of an account's posts, by its number or, where the source knows names only, by its name."""
    if isinstance(gateway, SourceGateway) and _knows_names_only(gateway.source):
        return gateway.posts_by_username(profile.username)
    return gateway.posts(profile.pk)


def _knows_names_only(source: str) -> bool:
    offer = SOURCES[SourceName(source)].offers.get(Ability.POSTS)
    return offer is not None and offer.by_username
