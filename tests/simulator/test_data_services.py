"""The services beside Instagram: the real client of Apify, and what httpx sends to TikHub and Meta."""

from decimal import Decimal
from typing import Any

import httpx
import pytest
from apify_client import ApifyClient
from apify_client.errors import ApifyApiError

from tests.simulator.process import Simulator

LISTS = "scraping_solutions/instagram-scraper-followers-following-no-cookies"
PROFILES = "apify/instagram-profile-scraper"


def apify(simulator: Simulator, key: str = "apify_api_demo") -> ApifyClient:
    return ApifyClient(key, api_url=f"{simulator.url}/apify", max_retries=0)


def tikhub(simulator: Simulator, path: str, key: str = "tikhub-demo", **query: str) -> httpx.Response:
    url = f"{simulator.url}/tikhub/api/v1/{path}"
    return httpx.get(url, params=query, headers={"Authorization": f"Bearer {key}"}, trust_env=False)


def graph(simulator: Simulator, fields: str, key: str = "EAAdemo") -> httpx.Response:
    url = f"{simulator.url}/meta_graph/v25.0/17841400000000001"
    return httpx.get(url, params={"fields": fields, "access_token": key}, trust_env=False)


def test_a_run_brings_the_whole_list_page_by_page(simulator: Simulator) -> None:
    client = apify(simulator)
    run = client.actor(LISTS).start(run_input={"Account": ["northwind_run"], "dataToScrape": "Followers"})
    dataset = client.dataset(run.default_dataset_id)
    pages = [dataset.list_items(offset=offset, limit=300) for offset in (0, 300, 900, 600)]
    found = {int(row["id"]) for page in pages for row in page.items}
    assert found == simulator.pks("northwind_run")
    assert [page.total for page in pages] == [1_000] * 4


def test_what_was_paid_is_told(simulator: Simulator) -> None:
    client = apify(simulator)
    first = client.actor(LISTS).start(run_input={"Account": ["tiny.pottery"]}, max_items=30)
    client.actor(LISTS).start(run_input={"Account": ["aurora.studio"]}, max_total_charge_usd=Decimal("0.5"))
    told = simulator.get("services")
    assert [(run["id"] == first.id, run["dollars"]) for run in told["runs"]] == [(True, 0.03), (False, 0.5)]
    spent = next(key["spent"] for key in told["keys"] if key["secret"] == "apify_api_demo")
    assert spent == pytest.approx(0.53)
    assert len(simulator.requests("api.apify.com", writes=1)) == 2


@pytest.mark.parametrize("outcome", ["SUCCEEDED", "FAILED", "TIMED-OUT", "ABORTED"])
def test_a_run_takes_its_time_and_ends_as_asked(simulator: Simulator, outcome: str) -> None:
    simulator.post("services/runs", seconds=60, clock="simulated", outcome=outcome, left=1)
    client = apify(simulator)
    run = client.actor(LISTS).start(run_input={"Account": ["tiny.pottery"]})
    states = [run.status]
    for seconds in (1, 58, 2):
        simulator.advance(advance_seconds=seconds)
        seen = client.run(run.id).get()
        states.append(seen.status if seen else "")
    assert states == ["READY", "RUNNING", "RUNNING", outcome]
    assert client.dataset(run.default_dataset_id).list_items().total == (50 if outcome == "SUCCEEDED" else 0)


def test_a_run_can_be_aborted_and_is_paid_all_the_same(simulator: Simulator) -> None:
    simulator.post("services/runs", seconds=60, clock="simulated")
    client = apify(simulator)
    run = client.actor(LISTS).start(run_input={"Account": ["tiny.pottery"]})
    assert client.run(run.id).abort().status == "ABORTED"
    assert len(simulator.get("services")["runs"]) == 1


@pytest.mark.parametrize(
    ("key", "actor", "order", "status"),
    [
        ("apify_api_poor", LISTS, {"Account": ["a"]}, 402),
        ("apify_api_norent", LISTS, {"Account": ["a"]}, 403),
        ("apify_api_revoked", LISTS, {"Account": ["a"]}, 401),
        ("apify_api_demo", "nobody/nothing", {"Account": ["a"]}, 404),
        ("apify_api_demo", LISTS, {}, 400),
    ],
)
def test_what_cannot_be_started_costs_nothing(
    simulator: Simulator, key: str, actor: str, order: dict[str, Any], status: int
) -> None:
    with pytest.raises(ApifyApiError) as refused:
        apify(simulator, key).actor(actor).start(run_input=order)
    assert refused.value.status_code == status
    assert simulator.get("services")["runs"] == []


def test_runs_of_others_are_not_there(simulator: Simulator) -> None:
    run = apify(simulator).actor(PROFILES).start(run_input={"usernames": ["aurora.studio"]})
    assert apify(simulator, "apify_api_norent").run(run.id).get() is None


def test_missing_users_are_rows_or_nothing(simulator: Simulator) -> None:
    client = apify(simulator)
    order = {"usernames": ["aurora.studio", "nobody.at.all"]}
    run = client.actor(PROFILES).start(run_input=order)
    rows = client.dataset(run.default_dataset_id).list_items().items
    assert [row.get("error") for row in rows] == [None, "not_found"]
    simulator.post("services/runs", leaves_out_missing=True)
    run = client.actor(PROFILES).start(run_input=order)
    assert len(client.dataset(run.default_dataset_id).list_items().items) == 1


def test_the_order_of_a_run_is_kept(simulator: Simulator) -> None:
    client = apify(simulator)
    order = {"usernames": [f"name{number}" for number in range(300)]}
    run = client.actor(PROFILES).start(run_input=order)
    assert client.actor(PROFILES).runs().list(desc=True).items[0].id == run.id
    record = client.key_value_store(run.default_key_value_store_id).get_record("INPUT")
    assert record is not None
    assert record["value"] == order, "sent as gzip, and unpacked"


def test_each_version_of_a_profile_has_the_same_counts(simulator: Simulator) -> None:
    path = "instagram/v1/fetch_user_info_by_username"
    web, app, flat = (tikhub(simulator, path + end, username="aurora.studio").json() for end in ("", "_v2", "_v3"))
    assert web["data"]["data"]["user"]["edge_followed_by"]["count"] == 10_000
    assert app["data"]["data"]["user"]["follower_count"] == flat["data"]["follower_count"] == 10_000


def test_tikhub_refuses_and_charges_answers_only(simulator: Simulator) -> None:
    path = "instagram/v1/fetch_user_info_by_username"
    assert tikhub(simulator, path, username="nobody.at.all").status_code == 400
    assert tikhub(simulator, path, "tikhub-poor", username="aurora.studio").status_code == 402
    assert tikhub(simulator, path, "tikhub-revoked", username="aurora.studio").status_code == 401
    assert tikhub(simulator, "instagram/v9/nothing").json()["detail"]["code"] == 404
    tikhub(simulator, path, username="aurora.studio")
    assert tikhub(simulator, "tikhub/user/get_user_info").json()["user_data"]["balance"] == 0.999


def test_meta_shows_professional_accounts_and_pages_their_posts(simulator: Simulator) -> None:
    found, after, pages = list[str](), "", 0
    while True:
        media = f"media.limit(50){f'.after({after})' if after else ''}{{permalink,like_count}}"
        answer = graph(simulator, f"business_discovery.username(aurora.studio){{followers_count,ig_id,{media}}}").json()
        page = answer["business_discovery"]["media"]
        found += [row["permalink"] for row in page["data"]]
        pages += 1
        if "paging" not in page:
            break
        after = page["paging"]["cursors"]["after"]
    assert answer["business_discovery"]["followers_count"] == 10_000
    assert (len(found), len(set(found)), pages) == (240, 240, 5)


@pytest.mark.parametrize(
    ("name", "token", "code"),
    [("tiny.pottery", "EAAdemo", 110), ("nobody.at.all", "EAAdemo", 110), ("aurora.studio", "EAAexpired", 190)],
)
def test_meta_refuses_with_a_code(simulator: Simulator, name: str, token: str, code: int) -> None:
    answer = graph(simulator, f"business_discovery.username({name}){{followers_count}}", token)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_tokens_are_not_in_the_log(simulator: Simulator) -> None:
    graph(simulator, "username")
    assert "EAAdemo" not in str(simulator.requests())


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("5xx", 500), ("refused", 402)])
def test_faults_speak_the_words_of_the_service(simulator: Simulator, kind: str, status: int) -> None:
    simulator.fault("api.apify.com|api.tikhub.io", kind, count=-1, **({"status": status} if kind == "refused" else {}))
    with pytest.raises(ApifyApiError) as refused:
        apify(simulator).actor(PROFILES).start(run_input={"usernames": ["a"]})
    assert refused.value.status_code == status
    assert refused.value.type
    answer = tikhub(simulator, "instagram/v1/fetch_user_info_by_username", username="aurora.studio")
    assert answer.json()["detail"]["code"] == status
    assert simulator.get("services")["runs"] == []


def test_keys_can_be_changed_and_come_back_with_a_reset(simulator: Simulator) -> None:
    simulator.post("services/key", service="apify", secret="apify_api_demo", is_valid=False)
    with pytest.raises(ApifyApiError):
        apify(simulator).user().get()
    simulator.post("reset")
    assert apify(simulator).user().get() is not None
