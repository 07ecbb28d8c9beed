"""The websocket at ``/ws/live/``: it tells a signed-in person's page what changed in the workspace they look at.

It takes no orders: the groups come from the session on the server, access is looked up again every few seconds, and
logging out closes it at once. Close code 4401 means "you are no longer who you were: load the page again".
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.urls import path
from django.utils.module_loading import import_string

from igsite.live import RESYNC, notify, workspace_group

SIGNED_OUT = 4401
#: How often and how far apart it is looked whether an ending session is gone; then its sockets close anyway.
GOING_TRIES = 50
GOING_SECONDS = 0.1
NO_WORKSPACE = 4403
NOT_UNDERSTOOD = 1003
#: With more topics than these a page is told to read everything again.
MOST_MISSED = 50
RECHECK_SECONDS = 20


class LiveUpdates(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One open page."""

    recheck_seconds: ClassVar[float] = RECHECK_SECONDS

    async def connect(self) -> None:
        """Listen first, then accept and tell what the page missed since it was begun, so nothing falls in between.

        Who may not listen is accepted too, and closed: only an accepted socket can tell the browser why.
        """
        self.rechecking: asyncio.Task[None] | None = None
        self.session_key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
        self.access = await database_sync_to_async(access_now)(self.session_key)
        if self.access.workspace_id is None:
            await self.accept()
            await self.close(SIGNED_OUT if self.access.user_id is None else NO_WORKSPACE)
            return
        await self.channel_layer.group_add(workspace_group(self.access.workspace_id), self.channel_name)
        await self.channel_layer.group_add(session_group(self.session_key), self.channel_name)
        await self.accept()
        await self._tell_what_it_missed(workspace_group(self.access.workspace_id))
        self.rechecking = asyncio.create_task(self._recheck())

    async def _tell_what_it_missed(self, group: str) -> None:
        begun = re.search(rb"(?:^|&)begun=(\d{1,15})(?:&|$)", self.scope["query_string"])
        missed = self.channel_layer.recent.missed(group, int(begun[1]) / 1000) if begun else None
        for topic in [RESYNC["topic"]] if missed is None or len(missed) > MOST_MISSED else missed:
            await self.hint({"topic": topic})

    async def receive(self, **_frame: str | bytes) -> None:
        """Nothing is expected from a browser."""
        await self.close(NOT_UNDERSTOOD)

    async def disconnect(self, _code: int) -> None:
        """Forget the socket."""
        if self.rechecking is not None:
            self.rechecking.cancel()
        self.channel_layer.forget(self.channel_name)

    async def hint(self, event: dict[str, Any]) -> None:
        """Pass a hint on to the browser."""
        await self.send(text_data=json.dumps({"topic": event["topic"]}))

    async def signed_out(self, _event: dict[str, Any]) -> None:
        """The session ends: Django says so just before its row goes. A browser that was told now and loaded the page
        again would be shown it once more as signed in."""
        for _try in range(GOING_TRIES):
            if await database_sync_to_async(access_now)(self.session_key) != self.access:
                break
            await asyncio.sleep(GOING_SECONDS)
        await self.close(SIGNED_OUT)

    async def _recheck(self) -> None:
        """A member who was removed, a session that was ended elsewhere, another workspace: the page must load again."""
        while True:
            await asyncio.sleep(self.recheck_seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the look-ups
            if await database_sync_to_async(access_now)(self.session_key) != self.access:
                await self.close(SIGNED_OUT)
                return


@dataclass(frozen=True)
class Access:
    """Who a session is and which workspace it may look at."""

    user_id: object | None = None
    workspace_id: object | None = None


def access_now(session_key: str) -> Access:
    """Read afresh, never from a cache: the session, the person, the membership (settings.LIVE_ACCESS)."""
    if not session_key:
        return Access()
    request = HttpRequest()
    request.session = _session(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        return Access()
    return Access(user.pk, import_string(settings.LIVE_ACCESS)(user, request.session))


def session_group(session_key: str) -> str:
    """The group of a session's sockets. Its name travels through the database: the key itself must not."""
    return f"session-{hashlib.sha256(session_key.encode()).hexdigest()}"


def close_sockets_of(request: HttpRequest) -> None:
    """Close every socket of the request's session (called at log-out, while the session still has its key)."""
    key = request.session.session_key
    if key:
        notify(session_group(key), {"type": "signed.out"})


def _session(key: str) -> SessionBase:
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    return store(key)


class SameOriginOnly:
    """Refuses a socket that another site's page opens: the origin is this host, or one of CSRF_TRUSTED_ORIGINS."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name: value.decode("latin1") for name, value in scope["headers"] if name in {b"origin", b"host"}}
        if is_same_origin(headers.get(b"origin", ""), headers.get(b"host", "")):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def is_same_origin(origin: str, host: str) -> bool:
    """Whether a page at ``origin`` belongs to the site reached as ``host``, which must be one of ALLOWED_HOSTS."""
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    parts = urlsplit(origin)
    schemes = {"https"} if settings.SECURE_COOKIES else {"http", "https"}
    return parts.scheme in schemes and parts.netloc.lower() == host.lower()


application = SameOriginOnly(CookieMiddleware(URLRouter([path("ws/live/", LiveUpdates.as_asgi())])))
