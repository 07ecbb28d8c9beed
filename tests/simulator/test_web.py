"""The public web and the pictures, without a login."""

import json
from typing import Any

import httpx
import pytest
from instagrapi.exceptions import ClientError, UserNotFound

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator

FOLLOWERS_HASH = "37479f2b8209594dde7facb0d904896a"


def graphql(simulator: Simulator, pk: int, after: str = "") -> dict[str, Any]:
    variables = json.dumps({"id": str(pk), "first": 50, "after": after})
    answer = httpx.get(
        f"{simulator.url}/ig/www.instagram.com/graphql/query/",
        params={"query_hash": FOLLOWERS_HASH, "variables": variables},
        trust_env=False,
    )
    edge: dict[str, Any] = answer.json()["data"]["user"]["edge_followed_by"]
    return edge


def test_web_profile_has_the_counts(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    user = client.user_info_by_username_gql("la.cocina.verde")
    assert (user.follower_count, user.following_count, user.is_verified) == (100_000, 1_200, True)


def test_web_profile_wants_the_app_id_and_a_person(simulator: Simulator) -> None:
    url = f"{simulator.url}/ig/www.instagram.com/api/v1/users/web_profile_info/"
    app = {"X-Ig-App-Id": "936619743392459"}
    assert httpx.get(url, params={"username": "aurora.studio"}, trust_env=False).status_code == 400
    assert httpx.get(url, params={"username": "nobody"}, headers=app, trust_env=False).status_code == 404


def test_web_list_gives_twelve_a_page_up_to_the_truth(simulator: Simulator) -> None:
    found, cursor = set[int](), ""
    while True:
        edge = graphql(simulator, 500002222, cursor)
        assert len(edge["edges"]) <= 12
        found |= {int(entry["node"]["id"]) for entry in edge["edges"]}
        cursor = edge["page_info"]["end_cursor"] or ""
        if not edge["page_info"]["has_next_page"]:
            break
    assert found == simulator.pks("tiny.pottery")


def test_real_client_reads_the_web_list(simulator: Simulator) -> None:
    users, _ = RoutedClient(simulator.url).user_following_gql_chunk("500002222")
    assert {int(user.pk) for user in users} == simulator.pks("tiny.pottery", "following")


def test_dead_lists_have_the_count_and_nobody(simulator: Simulator) -> None:
    simulator.post("web", lists="dead")
    edge = graphql(simulator, 500001111)
    assert edge == {"count": 10_000, "page_info": {"has_next_page": False, "end_cursor": None}, "edges": []}


@pytest.mark.parametrize("kind", ["web_please_wait", "429"])
def test_web_refuses(simulator: Simulator, kind: str) -> None:
    simulator.fault("web_profile_info", kind, count=-1)
    client = RoutedClient(simulator.url)
    with pytest.raises(ClientError) as refused:
        client.user_info_by_username_gql("aurora.studio")
    assert not isinstance(refused.value, UserNotFound)


def test_pictures_have_a_new_signature_each_time_and_expire(simulator: Simulator, creator: RoutedClient) -> None:
    first, second = (str(creator.user_info_v1(500001111).profile_pic_url) for _ in range(2))
    assert first != second
    assert first.partition("?")[0] == second.partition("?")[0]
    routed = [url.replace("https://", f"{simulator.url}/ig/") for url in (first, second)]
    images = [httpx.get(url, trust_env=False) for url in routed]
    assert images[0].content == images[1].content
    assert images[0].content.startswith(b"\x89PNG")
    assert images[0].headers["content-type"] == "image/png"
    simulator.advance(advance_days=4)
    assert httpx.get(routed[0], trust_env=False).status_code == 403
