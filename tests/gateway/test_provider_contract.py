"""What every source keeps, with its real client: against the simulator, and against a server that answers nonsense."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.gateway import errors
from accounts.gateway.abilities import SOURCES, Ability
from accounts.gateway.protocol import ReadGateway
from accounts.gateway.results import Person, Post, PostPage, Profile
from tests.gateway.opened_sources import DOORS, SECRETS, Door, Ledger, raw_reader, reader
from tests.gateway.raw_server import RawServer, Reply, as_json, as_page
from tests.gateway.sessions import signed_in
from tests.simulator_process import SimulatorProcess

TARGET = "aurora.studio"
ABSENT = "nobody.of.that.name"
HOSTILE = "hostile.names"

with_every_source = pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
"""Each of the five sources that are gateways."""


def offering(ability: Ability) -> pytest.MarkDecorator:
    """Each of them that declares ``ability``."""
    doors = [door for door in DOORS.values() if SOURCES[door.name].can(ability)]
    return pytest.mark.parametrize("door", doors, ids=[door.name for door in doors])


@pytest.fixture
def opened(instagram: SimulatorProcess, creator: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Opens a source against the simulator, and closes it at the end of the test."""
    instagram.control("log", method="DELETE")
    with contextlib.ExitStack() as stack:

        def open_source(door: Door, **more: Any) -> Any:
            return stack.enter_context(door.open(instagram.base_url, settings=creator, **more))

        yield open_source


@pytest.fixture
def against(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Door], Any]]:
    """Opens a source against the bare server, with short time-outs."""
    for place in ("routing", "exchange"):
        monkeypatch.setattr(f"accounts.gateway.providers.{place}.TIMEOUT", (1.0, 0.5))
    with contextlib.ExitStack() as stack:
        yield lambda door: raw_reader(stack.enter_context(door.open(server.base_url, settings=signed_in())))


def profile_of(gateway: Any, username: str) -> Profile:
    found: Profile = reader(gateway, Ability.PROFILE_BY_USERNAME, username).profile_by_username(username)
    return found


def posts_of(gateway: Any, username: str, pk: int) -> PostPage:
    read = reader(gateway, Ability.POSTS, username)
    found: PostPage = read.posts_by_username(username) if gateway.source == "meta_graph" else read.posts(pk)
    return found


# -- the same world through every source


@with_every_source
def test_a_profile_is_the_truth_and_frozen(door: Door, opened: Callable[..., Any], instagram: SimulatorProcess) -> None:
    gateway: ReadGateway = opened(door)
    profile, truth = profile_of(gateway, TARGET), instagram.control(f"truth/person?account={TARGET}")
    assert (profile.pk, profile.username) == (truth["pk"], TARGET)
    counts = (profile.followers_count, profile.following_count, profile.posts_count)
    assert counts == (truth["followers"], truth["following"], truth["posts"])
    assert profile.is_business
    with pytest.raises(dataclasses.FrozenInstanceError):
        profile.pk = 1  # type: ignore[misc]


@with_every_source
@pytest.mark.parametrize("direction", [Ability.FOLLOWERS, Ability.FOLLOWING])
def test_a_list_is_the_truth_page_by_page(
    door: Door, opened: Callable[..., Any], instagram: SimulatorProcess, direction: Ability
) -> None:
    gateway = opened(door)
    pk = instagram.control("truth/person?account=tiny.pottery")["pk"]
    if not SOURCES[door.name].can(direction):
        with pytest.raises(errors.Unsupported):
            getattr(gateway, direction)(pk)
        return
    read = getattr(reader(gateway, direction, "tiny.pottery"), direction)
    page = read(pk)
    people = list(page.people)
    while page.next_cursor:
        page = read(pk, page.next_cursor)
        people += page.people
    assert isinstance(page.people, tuple)
    assert {person.pk for person in people} == set(
        instagram.control(f"truth?account={pk}&direction={direction}")["pks"]
    )
    assert all(isinstance(person, Person) and person.username == person.username.lower() for person in people)


@offering(Ability.POSTS)
def test_posts_are_the_same_posts_newest_first(
    door: Door, opened: Callable[..., Any], instagram: SimulatorProcess
) -> None:
    pk = instagram.control(f"truth/person?account={TARGET}")["pk"]
    known = {post.pk: post for post in opened(DOORS["instagrapi_private"]).posts(pk).posts}
    page = posts_of(opened(door), TARGET, pk)
    shared = [post for post in page.posts if post.pk in known]
    assert len(shared) == len(known) > 20
    for post in shared:
        assert _facts(post) == _facts(known[post.pk])
    taken = [post.taken_at for post in page.posts]
    assert taken == sorted(taken, reverse=True)  # type: ignore[type-var]  # none is unknown here


def _facts(post: Post) -> tuple[object, ...]:
    return post.code, post.owner_pk, post.taken_at, post.like_count, post.comment_count, post.caption


@offering(Ability.POST)
def test_a_post_is_the_same_post(door: Door, opened: Callable[..., Any], instagram: SimulatorProcess) -> None:
    pk = instagram.control(f"truth/person?account={TARGET}")["pk"]
    private = opened(DOORS["instagrapi_private"])
    for post in private.posts(pk).posts[:6]:
        assert _facts(opened(door).post(post.code)) == _facts(post)


@offering(Ability.COMMENTS)
def test_comments_are_the_same_comments(door: Door, opened: Callable[..., Any], instagram: SimulatorProcess) -> None:
    pk = instagram.control(f"truth/person?account={TARGET}")["pk"]
    private = opened(DOORS["instagrapi_private"])
    post = max(private.posts(pk).posts, key=lambda post: post.comment_count or 0)
    known = {comment.pk: comment for comment in private.comments(post.pk).comments}
    found = reader(opened(door), Ability.COMMENTS, post.code).comments(post.pk).comments
    shared = [comment for comment in found if comment.pk in known]
    assert len(shared) == len(known) > 5
    for comment in shared:
        other = known[comment.pk]
        facts = (comment.text, comment.author.pk, comment.author.username, comment.created_at)
        assert facts == (other.text, other.author.pk, other.author.username, other.created_at)


@offering(Ability.FOLLOWERS)
def test_hostile_names_are_cleaned_and_the_same_everywhere(
    door: Door, opened: Callable[..., Any], instagram: SimulatorProcess
) -> None:
    pk = instagram.control(f"truth/person?account={HOSTILE}")["pk"]
    known = {person.pk: person.full_name for person in opened(DOORS["instagrapi_private"]).followers(pk).people}
    people = reader(opened(door), Ability.FOLLOWERS, HOSTILE).followers(pk).people
    shared = [person for person in people if person.pk in known]
    assert len(shared) > 5
    for person in shared:
        assert person.full_name == known[person.pk]
        assert "\x00" not in person.full_name
        person.full_name.encode("utf-8")


@with_every_source
def test_who_is_not_there_is_gone_or_cannot_be_told(door: Door, opened: Callable[..., Any]) -> None:
    with pytest.raises(errors.Unsupported if door.name == "meta_graph" else errors.Gone):
        profile_of(opened(door), ABSENT)


# -- declared and kept


@with_every_source
def test_what_is_not_declared_is_unsupported_and_sends_nothing(door: Door, server: RawServer) -> None:
    calls: dict[Ability, Callable[[Any], object]] = {
        Ability.PROFILE_BY_USERNAME: lambda gateway: gateway.profile_by_username("a"),
        Ability.PROFILE: lambda gateway: gateway.profile(1),
        Ability.FOLLOWERS: lambda gateway: gateway.followers(1),
        Ability.FOLLOWING: lambda gateway: gateway.following(1),
        Ability.FRIENDSHIP: lambda gateway: gateway.friendship(1),
        Ability.FRIENDSHIPS: lambda gateway: gateway.friendships([1]),
        Ability.POSTS: lambda gateway: gateway.posts(1),
        Ability.POST: lambda gateway: gateway.post("CuyGqFXoPXo"),
        Ability.COMMENTS: lambda gateway: gateway.comments(1),
        Ability.LIKERS: lambda gateway: gateway.likers(1),
        Ability.SEARCH: lambda gateway: gateway.search("a"),
    }
    assert set(calls) == set(Ability)
    declared = SOURCES[door.name]
    with door.open(server.base_url, settings=signed_in()) as gateway:
        assert gateway.source == door.name
        for ability, call in calls.items():
            if not declared.can(ability) or declared.works_in_runs:
                with pytest.raises(errors.Unsupported) as told:
                    call(gateway)
                assert str(told.value).endswith(".")
    assert server.seen == []


@with_every_source
def test_each_request_is_told_to_pacing_without_names_or_numbers(door: Door, opened: Callable[..., Any]) -> None:
    ledger = Ledger()
    profile_of(opened(door, pacing=ledger), TARGET)
    expected = 3 if door.name == "apify" else 1
    assert len(ledger.lines) == expected
    assert not any(
        TARGET in endpoint or any(secret in endpoint for secret in SECRETS) for _, endpoint, _ in ledger.lines
    )
    assert {kind for kind, _, _ in ledger.lines} == {"read"}


# -- nonsense and silence


PROFILES_OK = {
    "instagrapi_private": {"user": {"pk": 17, "username": "a"}, "status": "ok"},
    "web_public": {"data": {"user": {"id": "17", "username": "a"}}, "status": "ok"},
    "apify": [{"id": "17", "username": "a"}],
    "tikhub": {"code": 200, "data": {"data": {"user": {"id": "17", "username": "a"}}}},
    "meta_graph": {"business_discovery": {"ig_id": 17, "username": "a"}, "id": "1"},
}
PAGINATION = {f"X-Apify-Pagination-{name}": value for name, value in
              {"Total": "1", "Offset": "0", "Count": "1", "Limit": "1000", "Desc": "false"}.items()}  # fmt: skip


def answer(door: Door, **changes: Any) -> Reply:
    """A profile with the fewest fields, in the words of the source; ``changes`` replace fields of the person."""
    text = json.dumps(PROFILES_OK[door.name])
    body = json.loads(text)
    person = _person_in(body)
    for name, value in changes.items():
        person.pop(name, None) if value is ... else person.update({name: value})
    headers = {"Content-Type": "application/json", **(PAGINATION if door.name == "apify" else {})}
    return Reply(200, json.dumps(body).encode(), headers)


def _person_in(body: Any) -> dict[str, Any]:
    if isinstance(body, list):
        return _person_in(body[0])
    if "username" in body:
        found: dict[str, Any] = body
        return found
    return _person_in(next(value for value in body.values() if isinstance(value, dict)))


@with_every_source
def test_what_was_not_sent_is_none_and_never_zero(
    door: Door, server: RawServer, against: Callable[[Door], Any]
) -> None:
    server.will(answer(door))
    profile = against(door).profile_by_username("a")
    assert (profile.pk, profile.username, profile.full_name) == (17, "a", "")
    assert (profile.followers_count, profile.following_count, profile.posts_count) == (None, None, None)
    assert profile.is_verified is None
    assert profile.picture_url is None
    assert len(server.seen) == 1


@with_every_source
def test_dirty_text_is_cleaned(door: Door, server: RawServer, against: Callable[[Door], Any]) -> None:
    server.will(answer(door, biography="a\x00b\ud800c\x9bd", username=" A "))
    profile = against(door).profile_by_username("a")
    assert (profile.biography, profile.username) == ("abcd", "a")


def nonsense(door: Door) -> dict[str, Reply]:
    """Answers that are none."""
    key = {"instagrapi_private": "pk", "meta_graph": "ig_id"}.get(door.name, "id")
    whole = answer(door)
    return {
        "a page": as_page(),
        "a page that forbids": as_page("<html>Attention Required!</html>", 403),
        "an empty body": Reply(200, b"", dict(whole.headers)),
        "cut JSON": Reply(200, whole.body[: len(whole.body) // 2], dict(whole.headers)),
        "another type": as_json("x"),
        "an empty object": as_json({}),
        "deep JSON": Reply(200, b"[" * 100_000, dict(whole.headers)),
        "without its key": answer(door, **{key: ...}),
        "a null key": answer(door, **{key: None}),
        "a key of another shape": answer(door, **{key: {"x": 1}}),
        "a name of another shape": answer(door, username=7),
        "a text of another shape": answer(door, biography=["x"]),
        "a redirect": as_page(status=302, Location="https://elsewhere.example/"),
        "an answer without end": Reply(200, b" " * (9 * 1024 * 1024)),
    }


@with_every_source
@pytest.mark.parametrize("kind", nonsense(DOORS["web_public"]))
def test_what_cannot_be_understood_is_contract_drift(
    door: Door, kind: str, server: RawServer, against: Callable[[Door], Any]
) -> None:
    is_about_another = door.name == "apify" and kind == "a name of another shape"
    server.otherwise = nonsense(door)[kind]
    with pytest.raises(errors.GatewayError) as told:
        against(door).profile_by_username("a")
    assert type(told.value) is (errors.RunFailed if is_about_another else errors.ContractDrift), repr(told.value)
    assert len(server.seen) == (3 if door.name == "tikhub" else 1)
    _assert_clean(told.value)


@with_every_source
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(fault="hang"), errors.Transient),
        (Reply(fault="close"), errors.Transient),
        (Reply(fault="reset"), errors.Transient),
        (Reply(200, b'{"data": {"user": {}}}' * 9, fault="torn"), errors.Transient),
        (as_page("<html>Bad gateway</html>", 502), errors.Transient),
        (as_json({"message": "x"}, 503), errors.Transient),
        (as_json({"message": "x"}, 408), errors.Transient),
        (as_json({}, 429, Retry_After="7"), errors.Throttled),
        (as_page("slow down", 429), errors.Throttled),
    ],
)
def test_silence_and_haste_are_told_apart(
    door: Door, reply: Reply, error: type[errors.GatewayError], server: RawServer, against: Callable[[Door], Any]
) -> None:
    server.otherwise = reply
    with pytest.raises(errors.GatewayError) as told:
        against(door).profile_by_username("a")
    assert type(told.value) is error, repr(told.value)
    assert len(server.seen) == (3 if door.name == "tikhub" and error is errors.Transient else 1)
    _assert_clean(told.value)


def _assert_clean(error: errors.GatewayError) -> None:
    """No original exception, and nothing secret anywhere in it, its frames' variables included."""
    assert error.__cause__ is None
    assert error.__context__ is None or isinstance(error.__context__, errors.GatewayError)
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert not any(secret in shown + error.detail + str(error) for secret in SECRETS)
    assert str(error).endswith(".")


@with_every_source
def test_nothing_secret_is_logged_or_shown(
    door: Door, opened: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "apify_client", "instagrapi"):
        caplog.set_level(logging.DEBUG, logger=name)
    gateway = opened(door)
    profile_of(gateway, TARGET)
    for secret in SECRETS:
        assert secret not in caplog.text
        assert secret not in repr(gateway)


@with_every_source
def test_nothing_leaves_but_to_the_address_that_was_given(
    door: Door, opened: Callable[..., Any], instagram: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, reached, connect = opened(door), set[str](), socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        reached.add(f"{address[0]}:{address[1]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    profile_of(gateway, TARGET)
    assert reached == {instagram.base_url.removeprefix("http://")}


@with_every_source
def test_compressed_answers_are_read(door: Door, server: RawServer, against: Callable[[Door], Any]) -> None:
    whole = answer(door)
    server.will(Reply(200, gzip.compress(whole.body), {**whole.headers, "Content-Encoding": "gzip"}))
    assert against(door).profile_by_username("a").pk == 17
