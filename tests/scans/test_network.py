"""One account's network: who is in it, what a line means, and what the browser is handed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from accounts.models import TrackedAccount, Workspace
from scans import network
from scans.network import Network, Node, Scope, Tie
from scans.network_drawing import drawing, grouped, places
from tests.scans import followed, listed

pytestmark = pytest.mark.django_db
sets = st.sets(st.integers(0, 30), max_size=20)


def three(workspace: Workspace) -> list[TrackedAccount]:
    """@ada with mutuals 1 to 9; @bob and @cleo know some of them, and each other."""
    ada, bob, cleo = (followed.account(workspace, 100 + i, name) for i, name in enumerate(("ada", "bob", "cleo")))
    followed.scan(ada, followers=[*range(1, 20), 101], following=[*range(1, 10), *range(50, 60), 101])
    followed.scan(bob, followers=[1, 2, 3, 70, 102], following=[3, 4, 100])
    followed.scan(cleo, followers=[3, 15], following=[200])
    return [ada, bob, cleo]


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(name="Net")


def told(found: Network) -> dict[int, set[tuple[str, bool, bool]]]:
    """Each node's lines: to whom, follows, is followed."""
    return {
        node.profile_id: {(found.hubs[tie.hub].username, tie.follows, tie.is_followed) for tie in node.ties}
        for node in found.nodes
    }


def test_mutuals_and_what_scans_saw_between_them_and_tracked_accounts(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.MUTUALS)
    assert found.hubs[0] == ada
    assert {hub.username for hub in found.hubs} == {"ada", "bob", "cleo"}
    lines = told(found)
    assert set(lines) == {100, 101, 102, *range(1, 10)}
    assert found.total == 9
    assert lines[1] == {("ada", True, True), ("bob", True, False)}
    assert lines[3] == {("ada", True, True), ("bob", True, True), ("cleo", True, False)}
    assert lines[4] == {("ada", True, True), ("bob", False, True)}
    assert lines[9] == {("ada", True, True)}


def test_follows_between_tracked_accounts_are_drawn_once(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.MUTUALS)
    between = [
        frozenset((found.hubs[node.hub].username, found.hubs[tie.hub].username))
        for node in found.nodes[: len(found.hubs)]
        for tie in node.ties
        if node.hub is not None
    ]
    assert sorted(map(sorted, between)) == [["ada", "bob"], ["bob", "cleo"]]


def test_people_are_ordered_by_their_lines(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    people = network.network(ada, Scope.MUTUALS).people
    assert people[0].profile_id == 3
    lines = [len(node.ties) for node in people]
    assert lines == sorted(lines, reverse=True)


def test_shared_people_are_those_that_another_account_knows_too(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.SHARED)
    assert {node.profile_id for node in found.people} == {1, 2, 3, 4, 15}


def test_one_list_has_no_mutuals_and_says_so(workspace: Workspace) -> None:
    tracked = followed.account(workspace, 100, "ada")
    followed.scan(tracked, followers=range(1, 9))
    found = network.network(tracked, Scope.MUTUALS)
    assert found.nodes == []
    assert "scan both lists" in str(found.refused)


def test_other_workspaces_are_not_in_it(workspace: Workspace) -> None:
    ada = followed.account(workspace, 100, "ada")
    stranger = followed.account(Workspace.objects.create(name="Elsewhere"), 101, "eve")
    followed.scan(ada, followers=range(1, 9), following=range(1, 9))
    followed.scan(stranger, followers=range(1, 9), following=range(1, 9))
    found = network.network(ada, Scope.MUTUALS)
    assert [hub.username for hub in found.hubs] == ["ada"]
    assert all(len(node.ties) == 1 for node in found.people)


def test_a_large_network_shows_the_best_connected(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MOST", 5)
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.MUTUALS)
    assert (len(found.nodes), found.total) == (5, 9)
    assert found.people[0].profile_id == 3


def test_lists_too_long_to_walk_are_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "LONGEST_WALK", 10)
    ada, *_others = three(workspace)
    assert network.network(ada, Scope.SHARED).refused
    assert not network.network(ada, Scope.SHARED).nodes


def test_queries_do_not_grow_with_accounts(workspace: Workspace, django_assert_num_queries: Callable[..., Any]) -> None:
    ada, *_others = three(workspace)
    with django_assert_num_queries(6) as few:
        network.network(ada, Scope.MUTUALS)
    for i in range(5):
        followed.scan(followed.account(workspace, 300 + i, f"more{i}"), followers=range(1, 9), following=[3])
    with django_assert_num_queries(len(few)):
        network.network(ada, Scope.MUTUALS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=sets, circles=st.lists(sets, max_size=5), most=st.integers(0, 12))
def test_the_best_connected_are_in_most_circles(people: set[int], circles: list[set[int]], most: int) -> None:
    chosen = set(network.best_connected(BitMap(people), [BitMap(each) for each in circles], most))
    ranked = sorted(people, key=lambda n: (-sum(n in circle for circle in circles), n))
    assert chosen <= people
    assert len(chosen) == min(most, len(people))
    score = sorted(sum(n in circle for circle in circles) for n in chosen)
    assert score == sorted(sum(n in circle for circle in circles) for n in ranked[:most])


def test_the_drawing_names_each_node_and_line(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.MUTUALS)
    value = drawing(found)
    assert len(value["nodes"]) == len(found.nodes)
    assert len(value["edges"]) == 3 * found.lines
    names = [node[0] for node in value["nodes"]]
    lines = {
        (names[a], names[b]): kind
        for a, b, kind in zip(value["edges"][::3], value["edges"][1::3], value["edges"][2::3], strict=True)
    }
    assert lines["person1", "ada"] == 2
    assert lines["person1", "bob"] == 1
    assert all(0 <= node[1] < len(value["groups"]) for node in value["nodes"])


def test_groups_are_told_apart_by_the_accounts_they_are_around(workspace: Workspace) -> None:
    ada, *_others = three(workspace)
    found = network.network(ada, Scope.MUTUALS)
    groups, numbers = grouped(found)
    labels = {node.profile_id: groups[number].label for node, number in zip(found.nodes, numbers, strict=True)}
    assert labels[100] == "Tracked accounts"
    assert labels[9] == "Known from @ada alone"
    assert labels[1] == "Also around @bob"
    assert labels[3] == "Around several accounts"
    assert sum(group.size for group in groups) == len(found.nodes)


def test_every_node_starts_somewhere_of_its_own() -> None:
    hubs = [Node(i, f"hub{i}", "", (), i, TrackedAccount()) for i in range(3)]
    mutual = Tie(0, follows=True, is_followed=True)
    others = [Tie(number, follows=True, is_followed=False) for number in (1, 2)]
    people = [Node(10 + i, f"p{i}", "", (mutual, others[i % 2])) for i in range(200)]
    spots = places([*hubs, *people])
    assert len(set(spots)) == 203
    assert all(abs(x) < 200 and abs(y) < 200 for x, y in spots)


def test_an_account_that_was_never_scanned_has_an_empty_network(workspace: Workspace) -> None:
    tracked = listed.account(workspace)
    assert network.network(tracked, Scope.SHARED).people == []
    assert drawing(network.network(tracked, Scope.MUTUALS)) == {
        "nodes": [], "edges": [],
        "groups": [
            "Tracked accounts", "Known from @ alone", "Also around another account", "Around several accounts",
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("hubs", "most_bytes"), [(1, 200_000), (network.MOST_HUBS, 750_000)])
def test_what_the_browser_is_handed_has_a_cap(hubs: int, most_bytes: int) -> None:
    """Names of Instagram's full thirty characters, everybody tied to everybody tracked: nothing larger is drawn."""
    tracked = [TrackedAccount(username=f"{'hub' * 8}{i:06}") for i in range(hubs)]
    ties = tuple(Tie(hub, follows=True, is_followed=True) for hub in range(hubs))
    nodes = [Node(-1 - i, one.username, "", (), i, one) for i, one in enumerate(tracked)]
    nodes += [Node(i, f"{'x' * 24}{i:06}", "", ties) for i in range(network.MOST - hubs)]
    value = drawing(Network(tracked, nodes, len(nodes)))
    assert len(value["nodes"]) == network.MOST
    assert len(value["edges"]) == 3 * hubs * (network.MOST - hubs)
    assert len(json.dumps(value)) < most_bytes
