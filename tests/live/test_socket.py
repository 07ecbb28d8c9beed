"""The websocket tells a person what changed in their own workspace, takes no orders, and closes when they may no longer
look."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.test import Client

from accounts.models import Membership, User, Workspace
from accounts.workspaces import SESSION_KEY, own_workspace
from igsite import live, live_recent
from igsite.live_socket import (
    MOST_MISSED,
    NO_WORKSPACE,
    NOT_UNDERSTOOD,
    SIGNED_OUT,
    LiveUpdates,
    application,
    close_sockets_of,
    is_same_origin,
)
from igsite.ownership import Role

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "http://localhost"
Story = Callable[[], Awaitable[None]]


class Person:
    """Somebody with a workspace and a signed-in browser."""

    def __init__(self, name: str) -> None:
        self.user = User.objects.create_user(email=f"{name}@igsite.example", password="long-enough-2026")
        self.workspace: Workspace = own_workspace(self.user).workspace
        self.browser = Client()
        self.browser.force_login(self.user, backend=settings.AUTHENTICATION_BACKENDS[0])

    @property
    def cookie(self) -> str:
        """The session's cookie, as a browser sends it."""
        return f"{settings.SESSION_COOKIE_NAME}={self.browser.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def anna() -> Person:
    """One person."""
    return Person("anna")


@pytest.fixture
def stranger() -> Person:
    """Somebody of another workspace."""
    return Person("stranger")


def tell(story: Story) -> None:
    """Run an asynchronous test; database calls inside it run on this thread, on the test's own connection."""

    async def with_end() -> None:
        try:
            await asyncio.wait_for(story(), 30)
        finally:
            layer = get_channel_layer()
            assert isinstance(layer, live.PostgresLayer)
            await layer.close()

    async_to_sync(with_end)()


@asynccontextmanager
async def page(
    cookie: str = "", origin: str = HERE, host: str = "localhost", query: str = ""
) -> AsyncIterator[tuple[Any, bool]]:
    """An open page's socket and whether the server took it."""
    headers = [(b"origin", origin.encode()), (b"host", host.encode()), (b"cookie", cookie.encode())]
    asked = query.encode()
    scope = {"type": "websocket", "path": "/ws/live/", "headers": headers, "query_string": asked, "subprotocols": []}
    socket: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await socket.send_input({"type": "websocket.connect"})
    answer = await socket.receive_output(timeout=10)
    try:
        yield socket, answer["type"] == "websocket.accept"
    finally:
        await socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await socket.wait(timeout=10)


async def message(socket: Any) -> str:
    """The topic of the next message, which holds nothing else."""
    event = await socket.receive_output(timeout=10)
    content = json.loads(event["text"])
    assert set(content) == {"topic"}
    return str(content["topic"])


async def topic(socket: Any) -> str:
    """The next hint that is not the greeting after the listening connection came up."""
    while (found := await message(socket)) == "resync":
        pass
    return found


async def closing_code(socket: Any) -> int:
    """The code with which the server closes."""
    while True:
        event = await socket.receive_output(timeout=10)
        if event["type"] == "websocket.close":
            return int(event["code"])


hint = sync_to_async(live.hint)


def test_a_hint_reaches_the_pages_of_its_workspace_only(anna: Person, stranger: Person) -> None:
    async def story() -> None:
        async with (
            page(anna.cookie) as (mine, _),
            page(anna.cookie) as (second, _),
            page(stranger.cookie) as (other, _),
        ):
            job = f"job-{uuid4()}"
            await hint(job, anna.workspace.pk)
            await hint("job-last", stranger.workspace.pk)
            assert await topic(mine) == await topic(second) == job
            assert await topic(other) == "job-last"

    tell(story)


@pytest.fixture
def clocks_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """One clock for pages and sockets: what is hinted before a page is begun is not told to it."""
    monkeypatch.setattr(live_recent, "CLOCKS_DIFFER", 0.0)


async def begin_page(person: Person) -> str:
    """Render a page; the query of its socket's address."""
    answer = await sync_to_async(person.browser.get)("/")
    found = re.search(r'data-live-url="/ws/live/\?([^"]+)"', answer.content.decode())
    assert found
    return found[1]


@pytest.mark.usefixtures("clocks_agree")
def test_a_page_hears_what_it_missed_before_its_socket_was_open_and_nothing_else(
    anna: Person, stranger: Person
) -> None:
    async def story() -> None:
        async with page(anna.cookie) as (earlier, _):  # the process listens from here on
            await hint("job-earlier", anna.workspace.pk)
            assert await topic(earlier) == "job-earlier"
            query = await begin_page(anna)
            await hint("job-of-others", stranger.workspace.pk)
            await hint("job-missed", anna.workspace.pk)
            assert await topic(earlier) == "job-missed"
            async with page(anna.cookie, query=query) as (late, _):
                assert await message(late) == "job-missed"
                await hint("job-after", anna.workspace.pk)
                assert await message(late) == "job-after"
            async with page(anna.cookie, query=await begin_page(anna)) as (quiet, _):
                assert await quiet.receive_nothing(timeout=0.3), "nothing changed: nothing is read again"

    tell(story)


@pytest.mark.parametrize("query", ["", "begun=", "begun=1", "begun=99999999999999", "begun=1e9", "begun=%00", "x=1&y"])
def test_a_page_of_an_unknown_time_reads_everything_again(anna: Person, query: str) -> None:
    async def story() -> None:
        async with page(anna.cookie) as (first, _):
            await hint("job-first", anna.workspace.pk)
            assert await topic(first) == "job-first"
            async with page(anna.cookie, query=query) as (socket, _):
                assert await message(socket) == "resync"

    tell(story)


@pytest.mark.usefixtures("clocks_agree")
def test_a_page_that_missed_much_reads_everything_again(anna: Person) -> None:
    many = [f"job-{number}" for number in range(MOST_MISSED + 1)]

    async def story() -> None:
        async with page(anna.cookie) as (first, _):
            query = await begin_page(anna)
            await sync_to_async(live.hint_all)(many, anna.workspace.pk)
            assert [await topic(first) for _one in many] == many
            async with page(anna.cookie, query=query) as (late, _):
                assert await message(late) == "resync"
                assert await late.receive_nothing(timeout=0.1)

    tell(story)


def test_a_hint_leaves_with_the_commit_or_never(anna: Person) -> None:
    def rolled_back() -> None:
        with transaction.atomic():
            live.hint("job-rolled-back", anna.workspace.pk)
            transaction.set_rollback(True)

    async def story() -> None:
        async with page(anna.cookie) as (mine, _):
            await sync_to_async(rolled_back)()
            await hint("job-kept", anna.workspace.pk)
            assert await topic(mine) == "job-kept"

    tell(story)


@pytest.mark.parametrize("cookie", ["", f"{settings.SESSION_COOKIE_NAME}=guessed-session-key"])
def test_who_is_not_signed_in_is_told_so_and_hears_nothing(cookie: str) -> None:
    async def story() -> None:
        async with page(cookie) as (socket, taken):
            assert taken
            assert await closing_code(socket) == SIGNED_OUT

    tell(story)


def test_a_person_without_a_workspace_hears_nothing(anna: Person) -> None:
    anna.workspace.delete()

    async def story() -> None:
        async with page(anna.cookie) as (socket, _):
            assert await closing_code(socket) == NO_WORKSPACE

    tell(story)


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://localhost:9999", "null", ""])
def test_a_page_of_another_origin_is_refused(anna: Person, origin: str) -> None:
    async def story() -> None:
        async with page(anna.cookie, origin=origin) as (_, taken):
            assert not taken

    tell(story)


def test_origins(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["site.example"]
    assert is_same_origin("https://site.example", "site.example")
    assert is_same_origin("http://site.example:8000", "site.example:8000")
    assert not is_same_origin("http://site.example", "site.example:8000")
    assert not is_same_origin("http://forged.example", "forged.example")
    settings.CSRF_TRUSTED_ORIGINS = ["https://front.example"]
    assert is_same_origin("https://front.example", "site.example")
    settings.SECURE_COOKIES = True
    assert not is_same_origin("http://site.example", "site.example")


def test_orders_are_not_taken(anna: Person) -> None:
    async def story() -> None:
        async with page(anna.cookie) as (socket, _):
            await socket.send_input({"type": "websocket.receive", "text": '{"subscribe": "everything"}'})
            assert await closing_code(socket) == NOT_UNDERSTOOD

    tell(story)


def test_logging_out_closes_the_sockets_of_that_session_at_once(anna: Person) -> None:
    elsewhere = Client()
    elsewhere.force_login(anna.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    other_cookie = f"{settings.SESSION_COOKIE_NAME}={elsewhere.cookies[settings.SESSION_COOKIE_NAME].value}"

    async def story() -> None:
        async with page(anna.cookie) as (socket, _), page(other_cookie) as (other_session, _):
            await sync_to_async(anna.browser.logout)()
            assert await closing_code(socket) == SIGNED_OUT
            await hint("job-after", anna.workspace.pk)
            assert await topic(other_session) == "job-after"

    tell(story)


def test_a_session_that_is_about_to_end_keeps_its_sockets_until_it_is_gone(anna: Person) -> None:
    """Django says so before the row goes: a page that was loaded again at once would look signed in."""
    request = HttpRequest()
    request.session = anna.browser.session

    async def story() -> None:
        async with page(anna.cookie) as (socket, _is_open):
            await sync_to_async(close_sockets_of)(request)
            heard = []
            while not await socket.receive_nothing(timeout=0.5):
                heard.append((await socket.receive_output())["type"])
            assert "websocket.close" not in heard
            await sync_to_async(anna.browser.logout)()
            assert await closing_code(socket) == SIGNED_OUT

    tell(story)


def test_a_removed_member_is_cut_off(anna: Person, stranger: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveUpdates, "recheck_seconds", 0.2)
    Membership.objects.create(workspace=stranger.workspace, user=anna.user, role=Role.VIEWER)
    session = anna.browser.session
    session[SESSION_KEY] = str(stranger.workspace.pk)
    session.save()

    async def story() -> None:
        async with page(anna.cookie) as (socket, _):
            await hint("job-shared", stranger.workspace.pk)
            assert await topic(socket) == "job-shared"
            await sync_to_async(Membership.objects.filter(user=anna.user, workspace=stranger.workspace).delete)()
            assert await closing_code(socket) == SIGNED_OUT

    tell(story)


def test_after_a_lost_database_connection_pages_are_told_to_read_again(anna: Person) -> None:
    def end_the_listening_connection() -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(  # of this worker's database: the others' tests listen too
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where query = 'listen igsite_live' and datname = current_database()"
            )

    async def story() -> None:
        async with page(anna.cookie) as (socket, _):
            await hint("job-before", anna.workspace.pk)
            assert await topic(socket) == "job-before"
            await sync_to_async(end_the_listening_connection)()
            assert await message(socket) == "resync"
            await hint("job-after", anna.workspace.pk)
            assert await topic(socket) == "job-after"

    tell(story)


def test_a_page_that_cannot_keep_up_is_told_to_read_again() -> None:
    async def story() -> None:
        layer = live.PostgresLayer()
        channel = await layer.new_channel()
        for number in range(live.WAITING_MESSAGES + 1):
            await layer.send(channel, {"type": "hint", "topic": f"job-{number}"})
        assert await layer.receive(channel) == live.RESYNC

    async_to_sync(story)()


def test_only_topics_are_sent(anna: Person) -> None:
    for bad in ("", "job 1", "job-1\n", "<script>", "x" * 81):
        with pytest.raises(ValueError, match="Not a topic"):
            live.hint(bad, anna.workspace.pk)
