"""Paging a list with the real client gives exactly the ground truth."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from instagrapi.exceptions import ClientNotFoundError, LoginRequired, PrivateAccount, UnknownError

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator

ACCOUNTS = ["tiny.pottery", "northwind_run", "gap.gallery", "demo_creator", "hostile.names"]


def read(client: RoutedClient, pk: int, direction: str = "followers", **params: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.private_request(f"friendships/{pk}/{direction}/", params={**params, "max_id": cursor})
        rows += page["users"]
        cursor = page.get("next_max_id") or ""
        if not cursor:
            return rows


def pk_of(simulator: Simulator, username: str) -> int:
    return int(simulator.get("truth/person", account=username)["pk"])


@given(
    account=st.sampled_from(ACCOUNTS),
    direction=st.sampled_from(["followers", "following"]),
    count=st.integers(20, 200),
    order=st.sampled_from(["default", "date_followed_latest", "date_followed_earliest"]),
    days=st.integers(0, 400),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paging_equals_the_truth(
    simulator: Simulator, creator: RoutedClient, account: str, direction: str, count: int, order: str, days: int
) -> None:
    simulator.post("clock", set=f"20{26 + days // 365}-11-{1 + days % 28:02}T12:00:00")
    rows = read(creator, pk_of(simulator, account), direction, count=count, order=order)
    pks = [int(row["pk"]) for row in rows]
    assert len(pks) == len(set(pks))
    assert set(pks) == simulator.pks(account, direction)
    assert len({row["username"] for row in rows}) == len(rows)


def test_ten_thousand_followers_differ_by_the_true_diff_after_a_week(
    simulator: Simulator, creator: RoutedClient
) -> None:
    pk = pk_of(simulator, "aurora.studio")
    start = simulator.get("health")["now"]
    before = {int(row["pk"]): row["username"] for row in read(creator, pk, count=200)}
    assert len(before) == 10_000
    simulator.advance(advance_days=7)
    after = {int(row["pk"]): row["username"] for row in read(creator, pk, count=200)}
    truth = simulator.get("truth/diff", account="aurora.studio", **{"from": start}, before="")
    assert sorted(after.keys() - before.keys()) == truth["new"]
    assert sorted(before.keys() - after.keys()) == truth["lost"]
    renamed = [(pk, before[pk], after[pk]) for pk in sorted(before.keys() & after.keys()) if before[pk] != after[pk]]
    assert renamed == [(entry["pk"], entry["old"], entry["new"]) for entry in truth["renamed"]]
    assert min(len(truth["new"]), len(truth["lost"]), len(truth["renamed"]), len(truth["deactivated"])) > 5


def test_profile_counts_are_those_of_the_cast(simulator: Simulator, creator: RoutedClient) -> None:
    sizes = {"tiny.pottery": 50, "northwind_run": 1_000, "la.cocina.verde": 100_000, "megastar.official": 5_000_000}
    for username, size in sizes.items():
        assert creator.user_info_by_username_v1(username).follower_count == size
    assert creator.user_info_by_username_v1("deep.following").following_count == 7_500


def test_gap_is_stable_and_three_percent(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "gap.gallery")
    for _ in range(3):
        count = creator.user_info_v1(pk).follower_count
        listed = len(read(creator, pk, count=200))
        assert 0.96 <= listed / count <= 0.98
        simulator.advance(advance_days=20)


def test_limited_list_stops_at_fifty_without_a_cursor(simulator: Simulator, creator: RoutedClient) -> None:
    page = creator.private_request(f"friendships/{pk_of(simulator, 'limited.lists')}/followers/", params={"count": 200})
    assert len(page["users"]) == 50
    assert page["should_limit_list_of_followers"] is True
    assert "next_max_id" not in page


def test_private_list_is_for_its_followers_only(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "private.garden")
    with pytest.raises(PrivateAccount):
        read(creator, pk)
    friend = RoutedClient(simulator.url)
    friend.login("demo_2fa", "demo-pass-2", verification_code=friend.totp_generate_code("JBSWY3DPEHPK3PXP"))
    assert len(read(friend, pk, count=200)) > 280


def test_list_needs_a_login_and_a_person(simulator: Simulator, creator: RoutedClient) -> None:
    with pytest.raises(LoginRequired):
        RoutedClient(simulator.url).private_request("friendships/500001111/followers/")
    with pytest.raises(ClientNotFoundError):
        read(creator, 12345)
    with pytest.raises(UnknownError):
        creator.private_request("friendships/500001111/followers/", params={"max_id": "nonsense"})


def test_newest_first_has_the_new_ones_on_top(simulator: Simulator, creator: RoutedClient) -> None:
    start = simulator.get("health")["now"]
    simulator.advance(advance_days=3)
    page = creator.private_request(
        f"friendships/{pk_of(simulator, 'northwind_run')}/followers/",
        params={"count": 50, "order": "date_followed_latest"},
    )
    new = set(simulator.get("truth/diff", account="northwind_run", **{"from": start})["new"])
    pinned = 4
    top = {int(row["pk"]) for row in page["users"][: len(new) + pinned]}
    assert new
    assert new <= top


def test_search_inside_a_list_finds_by_name(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "northwind_run")
    wanted = read(creator, pk, count=200)[500]
    found = creator.search_followers_v1(str(pk), wanted["username"])
    assert wanted["pk"] in [user.pk for user in found]


def test_deep_list_costs_a_page_not_a_list(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "megastar.official")
    cursor, seen = "QVFD" + f"{2_000_000:x}", set[str]()
    for _ in range(5):
        page = creator.private_request(f"friendships/{pk}/followers/", params={"count": 200, "max_id": cursor})
        assert len(page["users"]) == 200
        seen |= {user["pk"] for user in page["users"]}
        cursor = page["next_max_id"]
    assert len(seen) == 1000


def test_clock_between_pages_adds_nothing_twice(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "northwind_run")
    first = creator.private_request(f"friendships/{pk}/followers/", params={"count": 200})
    simulator.advance(advance_days=5)
    rest: list[dict[str, Any]] = []
    cursor = first["next_max_id"]
    while cursor:
        page = creator.private_request(f"friendships/{pk}/followers/", params={"count": 200, "max_id": cursor})
        rest += page["users"]
        cursor = page.get("next_max_id")
    pks = [row["pk"] for row in first["users"] + rest]
    assert len(pks) == len(set(pks))
