"""Doors to the sources. Each imports its client library when it is opened: instagrapi alone takes most of a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from accounts.gateway.protocol import Pacing
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.runs import RunKind
from igsite.secrets import Secret

if TYPE_CHECKING:
    from accounts.gateway.providers.apify import Apify
    from accounts.gateway.providers.instagrapi_login import PrivateLogin
    from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
    from accounts.gateway.providers.meta_graph import MetaGraph
    from accounts.gateway.providers.tikhub import TikHub
    from accounts.gateway.providers.web_public import WebPublic


def open_private(
    settings: Mapping[str, Any],
    *,
    base_url: str | None = None,
    proxy: ProxyAddress | None = None,
    pacing: Pacing | None = None,
) -> InstagrapiPrivate:
    """The private API with a saved session. ``base_url`` None is Instagram itself."""
    from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate

    return InstagrapiPrivate(settings, base_url=base_url, proxy=proxy, pacing=pacing)


def open_login(
    *, base_url: str | None = None, proxy: ProxyAddress | None = None, pacing: Pacing | None = None
) -> PrivateLogin:
    """The phases of logging in to the private API."""
    from accounts.gateway.providers.instagrapi_login import PrivateLogin

    return PrivateLogin(base_url=base_url, proxy=proxy, pacing=pacing)


def open_web_public(
    *, base_url: str | None = None, proxy: ProxyAddress | None = None, pacing: Pacing | None = None
) -> WebPublic:
    """The public web, without a login."""
    from accounts.gateway.providers.web_public import WebPublic

    return WebPublic(base_url=base_url, proxy=proxy, pacing=pacing)


def open_apify(
    key: Secret,
    *,
    base_url: str | None = None,
    actors: Mapping[RunKind, str] | None = None,
    proxy: ProxyAddress | None = None,
    pacing: Pacing | None = None,
) -> Apify:
    """Apify, with the ids of the actors that differ from ``apify.ACTORS``."""
    from accounts.gateway.providers.apify import Apify

    return Apify(key, base_url=base_url, actors=actors, proxy=proxy, pacing=pacing)


def open_tikhub(
    key: Secret, *, base_url: str | None = None, proxy: ProxyAddress | None = None, pacing: Pacing | None = None
) -> TikHub:
    """TikHub."""
    from accounts.gateway.providers.tikhub import TikHub

    return TikHub(key, base_url=base_url, proxy=proxy, pacing=pacing)


def open_meta_graph(
    key: Secret,
    own_user_id: int,
    *,
    base_url: str | None = None,
    proxy: ProxyAddress | None = None,
    pacing: Pacing | None = None,
) -> MetaGraph:
    """Meta's Graph API with a token, seen from the professional account ``own_user_id``."""
    from accounts.gateway.providers.meta_graph import MetaGraph

    return MetaGraph(key, own_user_id=own_user_id, base_url=base_url, proxy=proxy, pacing=pacing)
