"""Reads and writes with the real client against the simulator: what comes out is what the simulated world holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.gateway import errors
from accounts.gateway.protocol import ReadGateway, WriteGateway
from accounts.gateway.providers.instagrapi_private import InstagrapiPrivate
from accounts.gateway.providers.post_codes import pk_of_code
from accounts.gateway.results import PeoplePage
from tests.simulator_process import SimulatorProcess

PkOf = Callable[[str], int]


def all_pages(fetch: Callable[[str | None], PeoplePage]) -> list[PeoplePage]:
    pages = [fetch(None)]
    while pages[-1].next_cursor is not None:
        pages.append(fetch(pages[-1].next_cursor))
    return pages


def entries(instagram: SimulatorProcess, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = instagram.control("log?" + query)["entries"]
    return found


def test_it_speaks_both_protocols(gateway: InstagrapiPrivate) -> None:
    read: ReadGateway = gateway
    write: WriteGateway = gateway
    assert read.source == "instagrapi_private"
    assert write is not None


@pytest.mark.parametrize("direction", ["followers", "following"])
def test_a_list_read_to_its_end_is_the_truth_one_request_a_page(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf, direction: str
) -> None:
    pk = pk_of("northwind_run")
    pages = all_pages(lambda cursor: getattr(gateway, direction)(pk, cursor))
    read = [person.pk for page in pages for person in page.people]
    truth = instagram.control(f"truth?account={pk}&direction={direction}")
    assert set(read) == set(truth["pks"])
    assert len(read) == len(set(read))
    assert len(entries(instagram)) == len(pages)


def test_profiles_by_name_and_by_pk_are_the_same_and_complete(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    by_name = gateway.profile_by_username("aurora.studio")
    by_pk = gateway.profile(pk_of("aurora.studio"))
    assert replace(by_name, picture_url=None) == replace(by_pk, picture_url=None), "pictures are signed anew each time"
    truth = instagram.control("truth/person?account=aurora.studio")
    assert (by_name.followers_count, by_name.following_count) == (truth["followers"], truth["following"])
    assert by_name.posts_count == truth["posts"]
    assert (by_name.is_private, by_name.is_business) == (False, True)
    assert by_name.biography
    assert (by_name.picture_url or "").startswith("https://")
    assert len(entries(instagram)) == 2


def test_unknown_people_are_gone_and_private_lists_are_private(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    with pytest.raises(errors.Gone):
        gateway.profile_by_username("nobody.of.that.name.here")
    with pytest.raises(errors.Private):
        gateway.followers(pk_of("private.garden"))
    assert gateway.profile_by_username("private.garden").is_private is True


@pytest.mark.parametrize("name", ["", "..", "a/b", "a?b", "a#b"])
def test_a_name_that_is_a_path_is_not_sent(gateway: InstagrapiPrivate, instagram: SimulatorProcess, name: str) -> None:
    with pytest.raises(errors.Gone):
        gateway.profile_by_username(name)
    assert entries(instagram) == []


def test_a_limited_list_says_so(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    page = gateway.followers(pk_of("limited.lists"))
    assert page.is_limited
    assert page.next_cursor is None
    assert len(page.people) < 100


def test_newest_first_is_asked_for_by_order(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    latest = gateway.followers(pk_of("tiny.pottery"), order="date_followed_latest")
    earliest = gateway.followers(pk_of("tiny.pottery"), order="date_followed_earliest")
    assert {person.pk for person in latest.people} == {person.pk for person in earliest.people}
    assert latest.people[:25] != earliest.people[:25]
    assert [entry["query"]["order"] for entry in entries(instagram)] == [
        "date_followed_latest",
        "date_followed_earliest",
    ]


def test_hostile_names_come_through_clean_and_whole(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    pages = all_pages(lambda cursor: gateway.followers(pk_of("hostile.names"), cursor))
    names = [person.full_name for page in pages for person in page.people]
    joined = "".join(names)
    assert "\x00" not in joined
    joined.encode("utf-8")
    assert any(name.startswith("=") for name in names)
    assert any("<script" in name.lower() for name in names)


def test_friendships_both_ways_and_in_bulk(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    aurora, megastar = pk_of("aurora.studio"), pk_of("megastar.official")
    one = gateway.friendship(aurora)
    assert (one.pk, one.following, one.followed_by) == (aurora, True, True)
    many = {friendship.pk: friendship for friendship in gateway.friendships([aurora, megastar])}
    assert many[aurora].following is True
    assert many[megastar].following is False
    assert {friendship.followed_by for friendship in many.values()} == {None}
    assert len(entries(instagram)) == 2


def test_posts_comments_and_likers(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    pk = pk_of("aurora.studio")
    first = gateway.posts(pk)
    assert first.next_cursor
    second = gateway.posts(pk, first.next_cursor)
    assert not {post.pk for post in first.posts} & {post.pk for post in second.posts}
    post = first.posts[0]
    assert post.owner_pk == pk
    assert pk_of_code(post.code) == post.pk
    assert gateway.post(post.code).pk == post.pk
    busy = max(first.posts, key=lambda post: post.comment_count or 0)
    page = gateway.comments(busy.pk)
    assert page.comments
    assert all(comment.author.pk for comment in page.comments)
    if page.next_cursor:
        following = gateway.comments(busy.pk, page.next_cursor)
        assert not {comment.pk for comment in page.comments} & {comment.pk for comment in following.comments}
    assert gateway.likers(busy.pk)


def test_search_finds_people(gateway: InstagrapiPrivate) -> None:
    assert "aurora.studio" in [person.username for person in gateway.search("aurora")]


@pytest.mark.parametrize("code", ["", "ab cd", "ä", "_" * 11])
def test_what_cannot_be_a_code_is_not_asked_for(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, code: str
) -> None:
    with pytest.raises(errors.Gone):
        gateway.post(code)
    assert entries(instagram) == []


def test_the_code_of_a_private_post_counts_by_its_first_letters() -> None:
    assert pk_of_code("CuyGqFXoPXo") == pk_of_code("CuyGqFXoPXo" + "x" * 28) > 0


def test_follow_and_unfollow_are_one_post_each_and_a_read_shows_them(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    pk = pk_of("megastar.official")
    followed = gateway.follow(pk)
    assert followed.accepted
    assert followed.friendship is not None
    assert followed.friendship.following is True
    assert gateway.friendship(pk).following is True
    assert gateway.unfollow(pk).accepted
    assert gateway.friendship(pk).following is False
    assert [(entry["method"], entry["path"].split("/")[-3]) for entry in entries(instagram)] == [
        ("POST", "create"),
        ("GET", "show"),
        ("POST", "destroy"),
        ("GET", "show"),
    ]


def test_following_a_private_account_is_a_request(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    answer = gateway.follow(pk_of("private.garden"))
    assert answer.friendship is not None
    assert (answer.friendship.following, answer.friendship.outgoing_request) == (False, True)


def test_a_follower_is_removed(gateway: InstagrapiPrivate, pk_of: PkOf) -> None:
    page = gateway.followers(pk_of("demo_creator"))
    pk = page.people[0].pk
    assert pk is not None
    assert gateway.remove_follower(pk).accepted
    assert gateway.friendship(pk).followed_by is False


def test_like_unlike_and_comment_are_one_post_each(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    post = gateway.posts(pk_of("tiny.pottery")).posts[0]
    assert gateway.like(post.pk).accepted
    assert gateway.unlike(post.pk).accepted
    assert gateway.comment(post.pk, "Lovely glaze 💚").accepted
    writes = [entry for entry in entries(instagram) if entry["method"] == "POST"]
    assert [entry["path"].rstrip("/").rsplit("/", 1)[-1] for entry in writes] == ["like", "unlike", "comment"]


@pytest.mark.parametrize(
    "kind", ["reset_after", "truncated", "429", "5xx", "challenge", "login_required", "timeout_408"]
)
def test_a_write_that_meets_a_fault_arrives_once(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf, kind: str
) -> None:
    instagram.control("faults", {"path": "friendships/create", "kind": kind, "count": -1})
    with pytest.raises(errors.GatewayError):
        gateway.follow(pk_of("megastar.official"))
    assert len(entries(instagram, "path=friendships/create")) == 1


FAULTS: list[tuple[str, dict[str, Any], type[errors.GatewayError]]] = [
    ("429", {"retry_after": 60}, errors.Throttled),
    ("please_wait", {}, errors.Throttled),
    ("rate_limit_error", {}, errors.Throttled),
    ("challenge", {}, errors.NeedsPerson),
    ("checkpoint", {}, errors.NeedsPerson),
    ("not_found_bare", {}, errors.NeedsPerson),
    ("feedback_required", {}, errors.ActionBlocked),
    ("sentry_block", {}, errors.ActionBlocked),
    ("login_required", {}, errors.NeedsLogin),
    ("needs_upgrade", {}, errors.ContractDrift),
    ("html", {}, errors.ContractDrift),
    ("cut_json", {}, errors.ContractDrift),
    ("missing_field", {"field_name": "users"}, errors.ContractDrift),
    ("null_field", {"field_name": "username"}, errors.ContractDrift),
    ("missing_field", {"field_name": "pk"}, errors.ContractDrift),
    ("proxy_blocked", {}, errors.ProxyBlocked),
    ("private", {}, errors.Private),
    ("not_found", {}, errors.Gone),
    ("5xx", {}, errors.Transient),
    ("timeout_408", {}, errors.Transient),
    ("fail_200", {}, errors.Transient),
    ("reset", {}, errors.Transient),
    ("truncated", {}, errors.Transient),
]


@pytest.mark.parametrize(
    ("kind", "more", "error"), FAULTS, ids=["-".join([kind, *map(str, more.values())]) for kind, more, _ in FAULTS]
)
def test_each_fault_is_one_request_and_one_error_and_the_next_page_works(
    gateway: InstagrapiPrivate,
    instagram: SimulatorProcess,
    pk_of: PkOf,
    kind: str,
    more: dict[str, Any],
    error: type[errors.GatewayError],
) -> None:
    instagram.control("faults", {"path": "followers/", "kind": kind, "count": 1, **more})
    with pytest.raises(error):
        gateway.followers(pk_of("tiny.pottery"))
    assert len(entries(instagram)) == 1
    instagram.control("faults", method="DELETE")
    if error not in {errors.NeedsLogin, errors.NeedsPerson}:
        assert gateway.followers(pk_of("tiny.pottery")).people


def test_what_only_a_scan_can_judge_passes_as_it_came(
    gateway: InstagrapiPrivate, instagram: SimulatorProcess, pk_of: PkOf
) -> None:
    instagram.control("faults", {"path": "followers/", "kind": "empty_page", "count": 1})
    assert gateway.followers(pk_of("aurora.studio")) == PeoplePage(people=(), next_cursor=None)
    instagram.control("faults", {"path": "followers/", "kind": "early_end", "count": 1})
    assert gateway.followers(pk_of("aurora.studio")).next_cursor is None
