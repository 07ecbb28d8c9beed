"""Starting, stopping, the state file, the clock and the log."""

import json
import socket
from pathlib import Path

from apify_client import ApifyClient

from simulator.wire import MAX_HEAD
from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator


def test_restart_with_a_state_file_keeps_session_writes_runs_and_clock(tmp_path: Path) -> None:
    options = ("--state", str(tmp_path / "state.json"), "--port-file", str(tmp_path / "port"))
    first = Simulator.start(*options)
    try:
        assert first.url.endswith((tmp_path / "port").read_text())
        client = RoutedClient(first.url)
        client.login("demo_creator", "demo-pass-1")
        target = max(first.pks("northwind_run"))
        client.private_request(f"friendships/create/{target}/", {"user_id": str(target)})
        apify = ApifyClient("apify_api_demo", api_url=f"{first.url}/apify", max_retries=0)
        run = apify.actor("apify/instagram-profile-scraper").start(run_input={"usernames": ["aurora.studio"]})
        first.advance(advance_days=30)
        now = first.get("health")["now"]
    finally:
        first.stop()
    second = Simulator.start(*options)
    try:
        assert second.get("health")["now"] == now
        again = RoutedClient(second.url, settings=client.get_settings())
        assert again.user_friendship_v1(target).following is True
        apify = ApifyClient("apify_api_demo", api_url=f"{second.url}/apify", max_retries=0)
        rows = apify.dataset(run.default_dataset_id).list_items().items
        assert [row["followersCount"] for row in rows] == [10_000], "of the day on which it ran"
        spent = {key["secret"]: key["spent"] for key in second.get("services")["keys"]}
        assert spent["apify_api_demo"] > 0
    finally:
        second.stop()


def test_log_file_has_a_line_for_each_request(tmp_path: Path) -> None:
    simulator = Simulator.start("--log-file", str(tmp_path / "log"))
    try:
        RoutedClient(simulator.url).login("demo_creator", "demo-pass-1")
        total = simulator.get("log")["total"]
    finally:
        simulator.stop()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["id"] for line in lines] == list(range(1, total + 1))


def test_dirty_text_comes_as_json_escapes() -> None:
    simulator = Simulator.start("--dirty-text")
    try:
        client = RoutedClient(simulator.url)
        client.login("demo_creator", "demo-pass-1")
        client.private_request("friendships/500012221/followers/", params={"count": 200})
        text = client.last_response.text
        names = [row["full_name"] for row in client.last_json["users"]]
    finally:
        simulator.stop()
    assert "\\u0000" in text
    assert "\\ud800" in text
    assert any("\x00" in name for name in names)


def test_clock_moves_by_days_and_to_a_date_and_stands_otherwise(simulator: Simulator) -> None:
    assert simulator.get("health")["now"] == "2026-11-01T12:00:00+00:00"
    simulator.advance(advance_days=1.5)
    assert simulator.get("health")["now"] == "2026-11-03T00:00:00+00:00"
    assert simulator.post("clock", set="2027-01-01")["now"] == "2027-01-01T00:00:00+00:00"
    assert simulator.control.post("clock", json={"jump": 1}).status_code == 400


def test_log_is_numbered_filtered_and_cleared(simulator: Simulator, creator: RoutedClient) -> None:
    creator.user_info_by_username_v1("aurora.studio")
    (entry,) = simulator.requests("usernameinfo")
    assert (entry["login"], entry["status"], entry["host"]) == ("demo_creator", 200, "i.instagram.com")
    assert simulator.requests(since=entry["id"]) == []
    simulator.control.delete("log")
    assert simulator.requests() == []


def test_unknown_paths_say_what_there_is(simulator: Simulator) -> None:
    assert "GET health" in simulator.control.get("nothing").json()["error"]
    assert simulator.control.get(f"{simulator.url}/elsewhere").status_code == 404
    assert simulator.control.get("truth", params={"account": "nobody.here"}).status_code == 400


def test_malformed_requests_are_refused_and_the_server_lives(simulator: Simulator) -> None:

    host, port = simulator.url.removeprefix("http://").split(":")
    for junk in (b"GET\r\n\r\n", b"x" * (MAX_HEAD + 10), b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(junk)
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert simulator.get("health")["status"] == "ok"
