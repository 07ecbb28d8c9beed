"""Live hints from any process to the browsers: "job such-and-such changed", never the data itself.

A hint is one ``pg_notify`` on Django's own connection: it leaves with the transaction's commit, or never. Each web
process holds one listening connection and the groups of its sockets in memory. A hint may be lost (a dead connection, a
slow browser): whoever may have missed one is told to read everything again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import re
import string
from collections.abc import Sequence
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer
from django.db import connection

from igsite.live_recent import RecentHints

CHANNEL = "igsite_live"
RESYNC: dict[str, Any] = {"type": "hint", "topic": "resync"}
WAITING_MESSAGES = 100
LONGEST_PAUSE = 5.0  # seconds between two attempts to connect
SIGN_OF_LIFE = 30.0  # seconds after which a silent connection is tried
TOPIC = re.compile(r"[a-z0-9-]{1,80}")

logger = logging.getLogger(__name__)


def hint(topic: str, workspace_id: object) -> None:
    """Tell the open pages of a workspace, when the transaction commits, that ``topic`` ("job-<uuid>") changed."""
    if not TOPIC.fullmatch(topic):
        raise ValueError(f"Not a topic: {topic!r}")
    notify(workspace_group(workspace_id), {"type": "hint", "topic": topic})


def hint_all(topics: Sequence[str], workspace_id: object) -> None:
    """The same for several topics of a workspace, in one statement."""
    odd = [topic for topic in topics if not TOPIC.fullmatch(topic)]
    if odd:
        raise ValueError(f"Not a topic: {odd[0]!r}")
    group = workspace_group(workspace_id)
    told = [json.dumps({"group": group, "message": {"type": "hint", "topic": topic}}) for topic in topics]
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, told) from unnest(%s::text[]) told", [CHANNEL, told])


def workspace_group(workspace_id: object) -> str:
    """The group of all sockets that look at a workspace."""
    return f"workspace-{workspace_id}"


def notify(group: str, message: dict[str, Any]) -> None:
    """Send a message to a group through the database; it holds ids only, far below the limit of 8,000 bytes."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps({"group": group, "message": message})])


class PostgresLayer(BaseChannelLayer):  # type: ignore[misc]  # channels has no types
    """Channels' layer over LISTEN/NOTIFY: groups in memory, bounded queues, one listening connection a process."""

    extensions = ("groups",)

    def __init__(self) -> None:
        super().__init__(capacity=WAITING_MESSAGES)
        self.groups: dict[str, set[str]] = {}
        self.queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.recent = RecentHints()
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def new_channel(self, prefix: str = "live") -> str:
        """A fresh channel, for one socket."""
        name = f"{prefix}.{''.join(random.choices(string.ascii_lowercase, k=16))}"  # noqa: S311 - a name, no secret
        self.queues[name] = asyncio.Queue(WAITING_MESSAGES)
        return name

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """To one channel of this process. A full queue is replaced by one request to read everything again."""
        queue = self.queues.get(channel)
        if queue is None:
            return
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            message = RESYNC
        queue.put_nowait(message)

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message; the channel is forgotten when its socket stops waiting."""
        try:
            return await self.queues[channel].get()
        except asyncio.CancelledError:
            self.forget(channel)
            raise

    def forget(self, channel: str) -> None:
        """Drop a channel and its places in groups."""
        self.queues.pop(channel, None)
        for group in list(self.groups):
            self._leave(group, channel)

    async def group_add(self, group: str, channel: str) -> None:
        """Enter a group; returns when hints arrive, or after five seconds without a database (they come later then)."""
        self.groups.setdefault(group, set()).add(channel)
        self._ensure_listener()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 5)

    async def group_discard(self, group: str, channel: str) -> None:
        """Leave a group."""
        self._leave(group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """To a group, in whichever process its sockets are."""
        await sync_to_async(notify)(group, message)

    async def close(self) -> None:
        """End the listening connection."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None
        self._listening.clear()

    def _leave(self, group: str, channel: str) -> None:
        members = self.groups.get(group, set())
        members.discard(channel)
        if not members:
            self.groups.pop(group, None)

    def _ensure_listener(self) -> None:
        loop = asyncio.get_running_loop()
        if self._listener is None or self._listener.done() or self._listener.get_loop() is not loop:
            self._listening = asyncio.Event()
            self._listener = loop.create_task(self._listen_for_ever())

    async def _listen_for_ever(self) -> None:
        pause = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**connection_parameters(), autocommit=True) as link:
                    await link.execute(f"listen {CHANNEL}")
                    self.recent.begin()
                    await self._tell_everybody_to_read_again()
                    self._listening.set()
                    pause = 0.1
                    await self._pass_on(link)
            except (psycopg.Error, OSError) as error:
                logger.warning("live updates: no connection to the database, next try in %.1f s (%s)", pause, error)
            self._listening.clear()
            self.recent.stop()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads the processes' attempts
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _pass_on(self, link: psycopg.AsyncConnection[Any]) -> None:
        while True:
            async for notice in link.notifies(timeout=SIGN_OF_LIFE):
                envelope = json.loads(notice.payload)
                group, message = envelope["group"], envelope["message"]
                if message["type"] == "hint":
                    self.recent.add(group, message["topic"])
                for channel in list(self.groups.get(group, ())):
                    await self.send(channel, message)
            await link.execute("select 1")

    async def _tell_everybody_to_read_again(self) -> None:
        for channel in list(self.queues):
            await self.send(channel, RESYNC)


def connection_parameters() -> dict[str, Any]:
    """Django's own parameters, without what only its cursors understand."""
    parameters = dict(connection.get_connection_params())
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return parameters | {"application_name": "igsite live", "connect_timeout": 5}
