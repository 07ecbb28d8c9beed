"""A page that is open: a websocket client at a real web process, signed in by a session of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookies import SimpleCookie

from django.conf import settings
from django.test import Client
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from accounts.models import User


@contextmanager
def open_page(user: User) -> Iterator[ClientConnection]:
    """A websocket that hears the workspace's hints, and a web process behind it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "igsite.asgi:application", "--port", str(port), "--lifespan", "off"]
    environment = os.environ | {"IGSITE_ROLE": "web"}
    web = subprocess.Popen([*command, "--log-level", "error"], env=environment, cwd=settings.BASE_DIR)
    try:
        with _connected(port, _cookie(user)) as page:
            yield page
    finally:
        web.terminate()
        web.wait()


def hear(page: ClientConnection, topic: str) -> datetime:
    """When the page hears of ``topic``."""
    while True:
        if json.loads(page.recv(timeout=20))["topic"] == topic:
            return datetime.now(UTC)


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookies: SimpleCookie = client.cookies
    return f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}"


def _connected(port: int, cookie: str) -> ClientConnection:
    deadline = time.monotonic() + 30
    while True:
        try:
            address, origin = f"ws://127.0.0.1:{port}/ws/live/", Origin(f"http://127.0.0.1:{port}")
            page: ClientConnection = connect(address, origin=origin, additional_headers={"Cookie": cookie})
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return page
