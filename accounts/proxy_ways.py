"""The way that requests take: straight, or through the proxy of a login or of a source. One place for all of them.

    way = proxy_ways.of_login(login, now=now)
    gateway = open_private(session, proxy=way.address, pacing=way.watching(ledger), …)
    …
    way.settle(error, now=now)

Whoever has a proxy never goes without it: one that is bad, cannot be opened or leads into our own network is an error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import proxy_health, vault
from accounts.gateway import errors
from accounts.gateway.protocol import Pacing, RequestKind
from accounts.gateway.proxy import ProxyAddress, is_ip_address
from accounts.models import InstagramLogin, Proxy, Workspace
from accounts.models.proxies import ProxyState, SourceProxy
from igsite.public_address import AddressRefused, NameUnknown, resolved
from igsite.secrets import Secret

PLACE: Final = "accounts_proxy.credentials_sealed"
NO_ANSWER: Final = "no_answer"
#: How seldom a proxy that works is written down to work.
NEWS: Final = timedelta(minutes=10)


class ProxyRests(Exception):
    """The proxy is bad and left alone until ``until``. Nothing was sent."""

    def __init__(self, proxy: Proxy, until: datetime) -> None:
        why = _("The proxy %(name)s does not work: %(error)s It is tried again by itself.")
        super().__init__(why % {"name": proxy.name, "error": proxy.last_error})
        self.until = until


@dataclass(slots=True)
class Watch:
    """A :class:`~accounts.gateway.protocol.Pacing` that hands on what it hears and remembers whether answers came."""

    inner: Pacing
    silent: int = 0
    has_answered: bool = False

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
        """A request was answered, or not."""
        self.inner.record(kind=kind, endpoint=endpoint, outcome=outcome)
        if outcome == NO_ANSWER:
            self.silent += 1
        else:
            self.silent, self.has_answered = 0, True


class Way:
    """One way, for one step. ``address`` None: straight."""

    def __init__(self, proxy: Proxy | None = None, address: ProxyAddress | None = None) -> None:
        self.address = address
        self._proxy = proxy
        self._watch: Watch | None = None

    def watching(self, pacing: Pacing) -> Pacing:
        """``pacing``, and the way listens."""
        if self._proxy is None:
            return pacing
        self._watch = Watch(pacing)
        return self._watch

    def settle(self, error: BaseException | None = None, *, now: datetime) -> None:
        """Write down what the step showed of the proxy. ``error`` is what ended it."""
        proxy, watch = self._proxy, self._watch
        if proxy is None:
            return
        if isinstance(error, errors.GatewayError):
            error.by_proxy = True
        if isinstance(error, errors.ProxyBlocked):
            proxy_health.was_blocked(proxy.pk, str(error), now=now)
        elif isinstance(error, errors.ProxyUnreachable):
            proxy_health.refused_us(proxy.pk, str(error), now=now)
        elif watch is not None and watch.silent:
            proxy_health.brought_no_answer(proxy.pk, _no_answer(), now=now, times=watch.silent)
        elif watch is not None and watch.has_answered and self._is_news(proxy, now):
            proxy_health.answered(proxy.pk, now=now)

    def _is_news(self, proxy: Proxy, now: datetime) -> bool:
        is_known = proxy.state == ProxyState.GOOD and not proxy.failures and proxy.checked_at is not None
        return not is_known or proxy.checked_at is None or now - proxy.checked_at > NEWS


def of_login(login: InstagramLogin, *, now: datetime) -> Way:
    """The way of a login: through the proxy it keeps, else straight.

    Raises:
        ProxyRests: the proxy is bad.
        accounts.vault.VaultLocked, accounts.vault.KeyUnavailable: its credentials cannot be opened now.
    """
    return _through(login.proxy_id, login.workspace_id, now)


def of_source(workspace: Workspace, source: str, *, now: datetime) -> Way:
    """The way of a source without a login (``web_public``, ``apify`` …) in ``workspace``. Raises like the other one."""
    chosen = SourceProxy.objects.for_workspace(workspace).filter(source=source).values_list("proxy_id", flat=True)
    return _through(chosen.first(), workspace.pk, now)


def opened(proxy: Proxy) -> ProxyAddress:
    """Its address with credentials, unresolved. Raises :class:`accounts.vault.VaultError`."""
    username, password = "", ""
    if proxy.credentials_sealed is not None:
        stored = vault.open_sealed(PLACE, proxy.pk, proxy.workspace_id, proxy.credentials_sealed)
        credentials = json.loads(stored.reveal())
        username, password = credentials["username"], credentials["password"]
    secret = Secret(password) if password else None
    return ProxyAddress(proxy.scheme, proxy.host, proxy.port, username, secret)  # type: ignore[arg-type]


def pinned(address: ProxyAddress) -> ProxyAddress:
    """``address``, resolved to the one machine that is connected to. Raises ``AddressRefused``."""
    here_too = not settings.PRODUCTION
    return replace(address, resolved=resolved(address.host, address.port, allow_loopback=here_too))


def refuse_inside(address: ProxyAddress) -> None:
    """Raise ``AddressRefused`` for a literal address that nothing of ours connects to; names are not looked up."""
    if is_ip_address(address.host):
        pinned(address)


def _through(proxy_id: UUID | None, workspace_id: UUID, now: datetime) -> Way:
    if proxy_id is None:
        return Way()
    proxy = Proxy.objects.for_workspace(workspace_id).get(pk=proxy_id)
    if proxy.state == ProxyState.BAD and proxy.retry_at is not None and proxy.retry_at > now:
        raise ProxyRests(proxy, proxy.retry_at)
    try:
        return Way(proxy, pinned(opened(proxy)))
    except NameUnknown as unknown:
        proxy_health.brought_no_answer(proxy.pk, str(unknown), now=now, times=proxy_health.SILENT_IN_A_ROW)
    except (AddressRefused, vault.SecretLost) as forbidden:
        proxy_health.refused_us(proxy.pk, str(forbidden), now=now)
    proxy.refresh_from_db()
    raise ProxyRests(proxy, proxy.retry_at or now)


def _no_answer() -> str:
    return _("No answer came through the proxy in time.")
