"""Every fault, as the real client meets it."""

from typing import Any

import pytest
import requests
from instagrapi.exceptions import (
    BadPassword,
    ChallengeRequired,
    ClientConnectionError,
    ClientError,
    ClientJSONDecodeError,
    ClientNeedsUpgradeError,
    ClientNotFoundError,
    ClientThrottledError,
    ClientUnauthorizedError,
    FeedbackRequired,
    LoginRequired,
    PleaseWaitFewMinutes,
    PrivateAccount,
    ProxyAddressIsBlocked,
    RateLimitError,
    SentryBlock,
    UnknownError,
)

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator

LIST = "friendships/500003333/followers/"


def page(client: RoutedClient, cursor: str = "", count: int = 100) -> dict[str, Any]:
    answer: dict[str, Any] = client.private_request(LIST, params={"count": count, "max_id": cursor})
    return answer


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", ClientThrottledError),
        ("please_wait", PleaseWaitFewMinutes),
        ("rate_limit_error", RateLimitError),
        ("challenge", ChallengeRequired),
        ("checkpoint", UnknownError),
        ("feedback_required", FeedbackRequired),
        ("login_required", LoginRequired),
        ("sentry_block", SentryBlock),
        ("needs_upgrade", ClientNeedsUpgradeError),
        ("bad_password", BadPassword),
        ("proxy_blocked", ProxyAddressIsBlocked),
        ("private", PrivateAccount),
        ("not_found", ClientNotFoundError),
        ("not_found_bare", ChallengeRequired),
        ("fail_200", ClientError),
        ("5xx", ClientError),
        ("html", ClientJSONDecodeError),
        ("cut_json", ClientJSONDecodeError),
        ("reset", ClientConnectionError),
    ],
)
def test_fault_strikes_once_and_is_over(
    simulator: Simulator, creator: RoutedClient, kind: str, error: type[Exception]
) -> None:
    simulator.fault("/followers/", kind)
    with pytest.raises(error):
        page(creator)
    assert len(page(creator)["users"]) == 100
    entries = simulator.requests("/followers/")
    assert [entry["fault"] for entry in entries] == [kind, None]


def test_401_and_retry_after_are_sent_as_asked(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "429", status=401, retry_after=90)
    with pytest.raises(ClientUnauthorizedError):
        page(creator)
    assert creator.last_response.headers["Retry-After"] == "90"


def test_fault_waits_for_its_page_and_its_login(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "429", page=3)
    simulator.fault("/following/", "429", login="demo_2fa", count=-1)
    first = page(creator)
    second = page(creator, first["next_max_id"])
    with pytest.raises(ClientThrottledError):
        page(creator, second["next_max_id"])
    assert page(creator, second["next_max_id"])["users"]
    assert creator.private_request("friendships/500003333/following/")["users"]


def test_after_pages_counts_pages_that_pass(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "login_required", after_pages=1, count=-1)
    cursor = page(creator)["next_max_id"]
    for _ in range(2):
        with pytest.raises(LoginRequired):
            page(creator, cursor)
    simulator.control.delete("faults")
    assert page(creator, cursor)["users"]


def test_challenge_in_mid_session_is_solved_with_a_code(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    client.login("demo_2fa", "demo-pass-2", verification_code=client.totp_generate_code("JBSWY3DPEHPK3PXP"))
    simulator.fault("/followers/", "challenge")
    with pytest.raises(ChallengeRequired):
        page(client)
    path = client.last_json["challenge"]["api_path"].lstrip("/")
    client.private_request(path, data={"choice": "1"})
    assert client.private_request(path, data={"security_code": "123456"})["action"] == "close"
    assert page(client)["users"]


def test_short_pages_lose_nobody(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "short_pages", count=-1, size=37)
    rows, cursor = [], ""
    while True:
        answer = page(creator, cursor)
        assert len(answer["users"]) <= 37
        rows += answer["users"]
        cursor = answer.get("next_max_id") or ""
        if not cursor:
            break
    assert {int(row["pk"]) for row in rows} == simulator.pks("northwind_run")


def test_duplicates_repeat_rows_of_the_page_before(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "duplicates", count=-1, size=5)
    first = page(creator)
    second = page(creator, first["next_max_id"])
    assert [row["pk"] for row in second["users"][:5]] == [row["pk"] for row in first["users"][-5:]]
    assert len(second["users"]) == 105


def test_early_end_limited_and_empty_page(simulator: Simulator, creator: RoutedClient) -> None:
    for kind, size, limited in (("early_end", 100, False), ("limited", 50, True), ("empty_page", 0, False)):
        simulator.fault("/followers/", kind)
        answer = page(creator)
        assert len(answer["users"]) == size
        assert answer["next_max_id"] is None
        assert answer["should_limit_list_of_followers"] is limited


def test_faults_strike_together(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "short_pages", count=-1, size=10)
    simulator.fault("/followers/", "duplicates", count=-1, size=2)
    simulator.fault("/followers/", "429", page=3)
    first = page(creator)
    second = page(creator, first["next_max_id"])
    assert len(second["users"]) == 12
    with pytest.raises(ClientThrottledError):
        page(creator, second["next_max_id"])
    assert len(page(creator, second["next_max_id"])["users"]) == 12
    assert [entry["fault"] for entry in simulator.requests("/followers/")][2] == "429"


def test_looping_cursor_gives_the_same_page_for_ever(simulator: Simulator, creator: RoutedClient) -> None:
    cursor = page(creator)["next_max_id"]
    simulator.fault("/followers/", "looping_cursor", count=-1)
    first, second = page(creator, cursor), page(creator, cursor)
    assert first["next_max_id"] == cursor
    assert [row["pk"] for row in first["users"]] == [row["pk"] for row in second["users"]]


def test_fields_go_missing_or_null(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "missing_field", field_name="username")
    assert "username" not in page(creator)["users"][0]
    simulator.fault("/info/", "null_field", field_name="follower_count")
    assert creator.private_request("users/500003333/info/")["user"]["follower_count"] is None


def test_truncated_body_breaks_the_connection(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        creator.private.get(f"https://i.instagram.com/api/v1/{LIST}", headers={"Authorization": creator.authorization})
    assert page(creator)["users"]


def test_hang_ends_in_the_clients_time_out(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "hang")
    with pytest.raises(requests.exceptions.ReadTimeout):
        creator.private.get(
            f"https://i.instagram.com/api/v1/{LIST}", headers={"Authorization": creator.authorization}, timeout=(3, 0.5)
        )
    assert page(creator)["users"]


def test_slow_answers_in_the_end(simulator: Simulator, creator: RoutedClient) -> None:
    simulator.fault("/followers/", "slow", ms=150)
    assert page(creator)["users"]
    assert simulator.requests("/followers/")[0]["ms"] >= 150


def test_lost_answer_leaves_the_write_done(simulator: Simulator, creator: RoutedClient) -> None:
    target = max(simulator.pks("northwind_run"))
    simulator.fault("friendships/create", "reset_after")
    with pytest.raises(ClientConnectionError):
        creator.private_request(f"friendships/create/{target}/", {"user_id": str(target)})
    assert creator.user_friendship_v1(target).following is True


def test_refused_write_is_not_done(simulator: Simulator, creator: RoutedClient) -> None:
    target = max(simulator.pks("northwind_run"))
    simulator.fault("friendships/create", "feedback_required")
    with pytest.raises(FeedbackRequired):
        creator.private_request(f"friendships/create/{target}/", {"user_id": str(target)})
    assert creator.user_friendship_v1(target).following is False
    assert simulator.requests(writes=1) == []


def test_unknown_fault_is_refused_with_the_known_ones(simulator: Simulator) -> None:
    answer = simulator.control.post("faults", json={"path": "x", "kind": "earthquake"})
    assert answer.status_code == 400
    assert "looping_cursor" in answer.json()["error"]
