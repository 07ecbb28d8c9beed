"""Meta's Graph API: codes in the body, usage in the headers, and a token that nobody sees."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.gateway import errors
from accounts.gateway.providers import open_meta_graph
from accounts.gateway.providers.meta_graph import MetaGraph
from igsite.secrets import Secret
from tests.gateway.opened_sources import GRAPH_TOKEN, OWN_ID
from tests.gateway.raw_server import RawServer, as_json
from tests.simulator_process import SimulatorProcess

CANARY = "EAAc4n4ry"


@pytest.fixture
def graph(instagram: SimulatorProcess) -> Iterator[MetaGraph]:
    base_url = f"{instagram.base_url}/meta_graph"
    with open_meta_graph(Secret(GRAPH_TOKEN), own_user_id=OWN_ID, base_url=base_url) as opened:
        yield opened


@pytest.fixture
def raw(server: RawServer) -> Iterator[MetaGraph]:
    with open_meta_graph(Secret(CANARY), own_user_id=OWN_ID, base_url=server.base_url) as opened:
        yield opened


def refusal(code: int, **more: object) -> dict[str, object]:
    return {"error": {"message": f"access_token={CANARY}", "type": "OAuthException", "code": code, **more}}


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 190, errors.NeedsKey),
        (403, 10, errors.NeedsKey),
        (403, 200, errors.NeedsKey),
        (400, 110, errors.Unsupported),
        (400, 4, errors.Throttled),
        (403, 17, errors.Throttled),
        (400, 32, errors.Throttled),
        (400, 613, errors.Throttled),
        (500, 1, errors.Transient),
        (500, 2, errors.Transient),
        (400, 2, errors.Transient),
        (400, 100, errors.ContractDrift),
        (400, 4711, errors.ContractDrift),
    ],
)
def test_the_code_in_the_body_decides(
    raw: MetaGraph, server: RawServer, status: int, code: int, error: type[errors.GatewayError]
) -> None:
    server.will(as_json(refusal(code), status))
    with pytest.raises(errors.GatewayError) as told:
        raw.profile_by_username("a")
    assert type(told.value) is error
    assert CANARY not in str(told.value) + told.value.detail
    assert len(server.seen) == 1


def test_how_long_meta_wants_peace_is_told(raw: MetaGraph, server: RawServer) -> None:
    usage = {str(OWN_ID): [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 19}]}
    server.will(as_json(refusal(4), 403, X_Business_Use_Case_Usage=json.dumps(usage)), as_json(refusal(4), 403))
    with pytest.raises(errors.Throttled) as told:
        raw.profile_by_username("a")
    assert told.value.retry_after == timedelta(minutes=19)
    with pytest.raises(errors.Throttled) as told:
        raw.profile_by_username("a")
    assert told.value.retry_after is None


@pytest.mark.parametrize(
    ("header", "percent"),
    [('{"call_count": 7, "total_time": 31, "total_cputime": 2}', 31), ("nonsense", None), ("[[[[[[1]]]]]]", None)],
)
def test_how_much_is_used_up_is_told(raw: MetaGraph, server: RawServer, header: str, percent: int | None) -> None:
    server.will(as_json({"id": "1", "username": "me"}, X_App_Usage=header))
    assert raw.used_percent is None
    raw.check_key()
    assert raw.used_percent == percent


def test_the_token_travels_but_is_not_logged(
    raw: MetaGraph, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    server.will(as_json({"id": "1", "username": "me"}))
    assert raw.check_key().name == "me"
    assert f"access_token={CANARY}" in server.seen[0].path
    assert "HTTP Request" in caplog.text, "httpx has written its line"
    assert CANARY not in caplog.text


@pytest.mark.parametrize("name", ["a}{b", "a)", "a,b", "ünder", "a b/c?d=e#"])
def test_names_that_would_change_the_question_are_not_asked(raw: MetaGraph, server: RawServer, name: str) -> None:
    with pytest.raises(errors.Gone):
        raw.profile_by_username(name)
    with pytest.raises(errors.GatewayError):
        raw.posts_by_username("a", "x){fields")
    assert server.seen == []


def test_posts_come_page_by_page_to_the_end(graph: MetaGraph) -> None:
    found, cursor, pages = list[int](), None, 0
    while pages == 0 or cursor:
        page = graph.posts_by_username("aurora.studio", cursor)
        found += [post.pk for post in page.posts]
        cursor, pages = page.next_cursor, pages + 1
    assert (len(found), len(set(found)), pages) == (240, 240, 5)


def test_an_account_without_posts_has_none(raw: MetaGraph, server: RawServer) -> None:
    server.will(
        as_json({"business_discovery": {"ig_id": 17, "id": "1"}}),
        as_json({"business_discovery": {"ig_id": 17, "media": {"data": [{"permalink": "https://x.example/"}]}}}),
    )
    assert raw.posts_by_username("a").posts == ()
    with pytest.raises(errors.ContractDrift):
        raw.posts_by_username("a")


@pytest.mark.parametrize("name", ["tiny.pottery", "nobody.of.that.name"])
def test_a_personal_account_cannot_be_told_from_none(graph: MetaGraph, name: str) -> None:
    with pytest.raises(errors.Unsupported, match="business and creator"):
        graph.profile_by_username(name)


def test_a_token_that_has_expired_is_a_matter_of_the_key(instagram: SimulatorProcess) -> None:
    base_url = f"{instagram.base_url}/meta_graph"
    expired = open_meta_graph(Secret("EAAexpired"), own_user_id=OWN_ID, base_url=base_url)
    with expired, pytest.raises(errors.NeedsKey, match="token"):
        expired.check_key()
