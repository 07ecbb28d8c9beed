"""TikHub: its versions stand in for one another, and a refusal ends the call."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from accounts.gateway import errors
from accounts.gateway.providers import open_tikhub
from accounts.gateway.providers.tikhub import TikHub
from igsite.secrets import Secret
from tests.gateway.opened_sources import TIKHUB_KEY
from tests.gateway.raw_server import RawServer, as_json
from tests.simulator_process import SimulatorProcess

PROFILE = "instagram/v1/fetch_user_info_by_username"


@pytest.fixture
def tikhub(instagram: SimulatorProcess) -> Iterator[TikHub]:
    with open_tikhub(Secret(TIKHUB_KEY), base_url=f"{instagram.base_url}/tikhub") as opened:
        yield opened


@pytest.fixture
def raw(server: RawServer) -> Iterator[TikHub]:
    with open_tikhub(Secret(TIKHUB_KEY), base_url=server.base_url) as opened:
        yield opened


def asked_for(instagram: SimulatorProcess) -> list[str]:
    entries = instagram.control("log?path=api.tikhub.io")["entries"]
    return [entry["path"].removeprefix("/api/v1/") for entry in entries]


@pytest.mark.parametrize("kind", ["5xx", "html", "not_found", "cut_json", "reset"])
@pytest.mark.parametrize("broken", [1, 2])
def test_the_next_version_answers_when_one_fails(
    tikhub: TikHub, instagram: SimulatorProcess, kind: str, broken: int
) -> None:
    for path in (f"{PROFILE}?", f"{PROFILE}_v2")[:broken]:
        instagram.control("faults", {"path": path.replace("?", "\\?"), "kind": kind, "count": -1})
    assert tikhub.profile_by_username("aurora.studio").followers_count == 10_000
    assert asked_for(instagram) == [PROFILE, f"{PROFILE}_v2", f"{PROFILE}_v3"][: broken + 1]


@pytest.mark.parametrize("status", [401, 402, 403, 429])
def test_a_refusal_of_the_key_ends_the_call(tikhub: TikHub, instagram: SimulatorProcess, status: int) -> None:
    instagram.control("faults", {"path": "api.tikhub.io", "kind": "refused", "status": status, "count": -1})
    with pytest.raises((errors.NeedsKey, errors.OutOfCredit, errors.Throttled), match="TikHub"):
        tikhub.profile_by_username("aurora.studio")
    assert len(asked_for(instagram)) == 1


def test_an_account_is_gone_only_if_all_versions_say_so(tikhub: TikHub, instagram: SimulatorProcess) -> None:
    with pytest.raises(errors.Gone):
        tikhub.profile_by_username("nobody.of.that.name")
    assert len(asked_for(instagram)) == 3
    instagram.control("faults", {"path": f"{PROFILE}_v2", "kind": "5xx", "count": -1})
    with pytest.raises(errors.Transient, match="TikHub"):
        tikhub.profile_by_username("nobody.of.that.name")


def test_a_post_is_read_by_the_older_way_when_the_newer_fails(tikhub: TikHub, instagram: SimulatorProcess) -> None:
    code = "CsFa3AqS3Bj"
    newer = tikhub.post(code)
    instagram.control("faults", {"path": "fetch_post_info", "kind": "5xx", "count": -1})
    older = tikhub.post(code)
    counts = (older.pk, older.owner_pk, older.taken_at, older.like_count, older.comment_count, older.play_count)
    assert counts == (
        newer.pk, newer.owner_pk, newer.taken_at, newer.like_count, newer.comment_count, newer.play_count
    )  # fmt: skip
    assert newer.like_count is not None


def test_counts_that_are_absent_are_none_and_never_zero(raw: TikHub, server: RawServer) -> None:
    server.will(
        as_json({"code": 200, "data": {"data": {"metrics": {"like_count": None, "comment_count": -1}}}}),
        as_json({"code": 200, "data": {"data": {}}}),
        as_json({"code": 200, "data": {"edge_media_preview_like": {"count": 0}}}),
    )
    post = raw.post("CsFa3AqS3Bj")
    assert (post.like_count, post.comment_count, post.play_count) == (None, None, None)
    assert (post.owner_pk, post.taken_at) == (None, None)
    post = raw.post("CsFa3AqS3Bj")
    assert (post.like_count, post.comment_count, post.play_count) == (0, None, None), "0 is what was said"


def test_metrics_that_are_missing_altogether_are_drift(raw: TikHub, server: RawServer) -> None:
    server.otherwise = as_json({"code": 200, "data": {"data": {}}})
    with pytest.raises(errors.ContractDrift):
        raw.post("CsFa3AqS3Bj")
    assert len(server.seen) == 2


def test_what_cannot_be_a_post_is_not_asked_for(raw: TikHub, server: RawServer) -> None:
    with pytest.raises(errors.Gone):
        raw.post("not a code!")
    assert server.seen == []


def test_a_key_is_checked_without_paying(tikhub: TikHub, instagram: SimulatorProcess) -> None:
    owner = tikhub.check_key()
    assert (owner.name, owner.dollars_left) == ("demo@tikhub.example", Decimal(1))
    tikhub.profile_by_username("aurora.studio")
    assert tikhub.check_key().dollars_left == Decimal("0.999")


def test_an_empty_account_is_out_of_credit(instagram: SimulatorProcess) -> None:
    poor = open_tikhub(Secret("tikhub-poor"), base_url=f"{instagram.base_url}/tikhub")
    with poor, pytest.raises(errors.OutOfCredit):
        poor.profile_by_username("aurora.studio")


def test_the_key_travels_in_a_header(raw: TikHub, server: RawServer) -> None:
    with pytest.raises(errors.ContractDrift):
        raw.profile_by_username("a")
    assert {seen.headers["Authorization"] for seen in server.seen} == {f"Bearer {TIKHUB_KEY}"}
    assert not any(TIKHUB_KEY in seen.path for seen in server.seen)
