"""The public web: profiles and lists without a login, and the dead endpoint that answers nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from accounts.gateway import errors
from accounts.gateway.protocol import ReadGateway, RequestKind
from accounts.gateway.providers import routing
from accounts.gateway.providers.web_public import WebPublic
from tests.gateway.raw_server import RawServer, Reply, as_json, as_page
from tests.simulator_process import SimulatorProcess

PkOf = Callable[[str], int]


def list_answer(count: int | None, *edges: dict[str, object], cursor: str | None = None) -> Reply:
    connection = {
        "count": count,
        "page_info": {"has_next_page": cursor is not None, "end_cursor": cursor},
        "edges": [{"node": edge} for edge in edges],
    }
    return as_json({"data": {"user": {"edge_followed_by": connection}}, "status": "ok"})


@pytest.fixture
def web(instagram: SimulatorProcess) -> Iterator[WebPublic]:
    with WebPublic(base_url=instagram.base_url) as opened:
        yield opened


@pytest.fixture
def raw_web(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebPublic]:
    monkeypatch.setattr("accounts.gateway.providers.exchange.TIMEOUT", (1.0, 0.5))
    assert routing.TIMEOUT[1] >= 10
    with WebPublic(base_url=server.base_url) as opened:
        yield opened


def test_a_profile_has_its_counts(web: WebPublic, instagram: SimulatorProcess) -> None:
    read: ReadGateway = web
    profile = read.profile_by_username("aurora.studio")
    truth = instagram.control("truth/person?account=aurora.studio")
    assert (profile.pk, profile.followers_count, profile.posts_count) == (
        truth["pk"],
        truth["followers"],
        truth["posts"],
    )


def test_nobody_of_that_name_is_gone(web: WebPublic) -> None:
    with pytest.raises(errors.Gone):
        web.profile_by_username("nobody.of.that.name.here")


@pytest.mark.parametrize("direction", ["followers", "following"])
def test_lists_are_the_truth_while_they_work(
    web: WebPublic, instagram: SimulatorProcess, pk_of: PkOf, direction: str
) -> None:
    pk = pk_of("tiny.pottery")
    page = getattr(web, direction)(pk)
    read = [person.pk for person in page.people]
    while page.next_cursor:
        page = getattr(web, direction)(pk, page.next_cursor)
        read += [person.pk for person in page.people]
    assert set(read) == set(instagram.control(f"truth?account={pk}&direction={direction}")["pks"])


def test_a_count_with_nobody_is_a_broken_endpoint_not_an_empty_list(
    web: WebPublic, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    instagram.control("web", {"lists": "dead"})
    try:
        with pytest.raises(errors.ContractDrift):
            web.followers(pk_of("tiny.pottery"))
    finally:
        instagram.control("web", {"lists": "live"})


def test_an_empty_list_of_nobody_is_one(raw_web: WebPublic, server: RawServer) -> None:
    server.will(list_answer(0), list_answer(50), list_answer(None))
    assert raw_web.followers(17).people == ()
    assert raw_web.followers(17, "cursor").people == (), "the last page may be empty"
    assert raw_web.followers(17).count is None


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (
            as_json({"message": "Please wait a few minutes before you try again.", "status": "fail"}, 401),
            errors.Throttled,
        ),
        (as_json({"require_login": True, "status": "fail"}, 401), errors.Throttled),
        (as_json({}, 429, Retry_After="7"), errors.Throttled),
        (as_page(status=302, Location="https://www.instagram.com/accounts/login/?next=/x"), errors.Throttled),
        (as_json({"data": {"user": None}, "status": "ok"}), errors.Gone),
        (as_json({"message": "not found"}, 404), errors.Gone),
        (as_page(status=404), errors.ContractDrift),
        (as_page(), errors.ContractDrift),
        (as_json({"data": {}, "status": "ok"}), errors.ContractDrift),
        (as_json({"data": {"user": {}}, "status": "ok"}), errors.ContractDrift),
        (as_json([]), errors.ContractDrift),
        (as_json({"status": "fail"}), errors.Transient),
        (as_page(status=502), errors.Transient),
        (Reply(fault="reset"), errors.Transient),
        (Reply(fault="hang"), errors.Transient),
        (Reply(200, b'{"data": {"user": {}}}', fault="torn"), errors.Transient),
        (Reply(200, b" " * (9 * 1024 * 1024)), errors.ContractDrift),
    ],
)
def test_each_refusal_is_one_error_after_one_request(
    raw_web: WebPublic, server: RawServer, reply: Reply, error: type[errors.GatewayError]
) -> None:
    server.will(reply)
    with pytest.raises(errors.GatewayError) as told:
        raw_web.profile_by_username("aurora.studio")
    assert type(told.value) is error
    assert told.value.__context__ is None
    assert len(server.seen) == 1


def test_an_answer_that_drips_for_ever_is_ended(
    raw_web: WebPublic, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.gateway.providers.exchange.DEADLINE", -1.0)
    server.will(Reply(200, b" " * 1_000))
    with pytest.raises(errors.Transient):
        raw_web.profile_by_username("aurora.studio")


def test_nobody_listening_is_transient() -> None:
    with WebPublic(base_url="http://127.0.0.1:9") as web, pytest.raises(errors.Transient):
        web.profile_by_username("aurora.studio")


def test_what_the_web_cannot_do_is_said(raw_web: WebPublic, server: RawServer) -> None:
    calls: list[Callable[[], object]] = [
        lambda: raw_web.profile(1),
        lambda: raw_web.friendship(1),
        lambda: raw_web.friendships([1]),
        lambda: raw_web.posts(1),
        lambda: raw_web.post("x"),
        lambda: raw_web.comments(1),
        lambda: raw_web.likers(1),
        lambda: raw_web.search("x"),
        lambda: raw_web.posts_by_username("x"),
        lambda: raw_web.followers(1, order="date_followed_latest"),
    ]
    for call in calls:
        with pytest.raises(errors.Unsupported):
            call()
    assert server.seen == []


def test_requests_are_told_to_pacing(server: RawServer) -> None:
    lines: list[tuple[str, str, str]] = []

    class Ledger:
        def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
            lines.append((kind, endpoint, outcome))

    server.will(as_json({}, 429), Reply(fault="close"))
    with WebPublic(base_url=server.base_url, pacing=Ledger()) as web:
        for _ in range(2):
            with pytest.raises(errors.GatewayError):
                web.profile_by_username("x")
    assert lines == [("read", "users/web_profile_info", "429"), ("read", "users/web_profile_info", "no_answer")]
