"""Follows, likes and comments of the real client are seen by later reads, and logged."""

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator
from tests.simulator.test_lists import pk_of, read


def person_to_follow(simulator: Simulator, creator: RoutedClient, *, private: bool) -> int:
    """Somebody of aurora.studio's followers whom demo_creator does not follow."""
    rows = read(creator, pk_of(simulator, "aurora.studio"), count=200)
    known = simulator.pks("demo_creator", "following") | {int(creator.user_id)}
    return next(int(row["pk"]) for row in rows if row["is_private"] is private and int(row["pk"]) not in known)


def test_follow_shows_in_both_lists_and_unfollow_takes_it_back(simulator: Simulator, creator: RoutedClient) -> None:
    target = person_to_follow(simulator, creator, private=False)
    before = creator.user_info_v1(creator.user_id).following_count
    assert creator.user_follow(target) is True
    assert creator.user_friendship_v1(target).following is True
    assert creator.user_info_v1(creator.user_id).following_count == before + 1
    assert target in {int(row["pk"]) for row in read(creator, creator.user_id, "following", count=200)}
    assert creator.user_id in {int(row["pk"]) for row in read(creator, target)}
    assert creator.user_unfollow(target) is True
    assert creator.user_friendship_v1(target).following is False
    assert target not in simulator.pks("demo_creator", "following")
    kinds = [entry["write"]["kind"] for entry in simulator.requests(writes=1)]
    assert kinds == ["follow", "unfollow"]


def test_natural_follow_can_be_undone_and_done_again(simulator: Simulator, creator: RoutedClient) -> None:
    me = int(creator.user_id)
    target = min(simulator.pks("demo_creator", "following"))
    for _ in range(2):
        assert creator.user_unfollow(target)
        assert target not in {int(row["pk"]) for row in read(creator, me, "following", count=200)}
        creator.private_request(f"friendships/create/{target}/", {"user_id": str(target)})
        rows = [int(row["pk"]) for row in read(creator, me, "following", count=200)]
        assert rows.count(target) == 1


def test_private_person_is_asked_and_may_answer_later(simulator: Simulator, creator: RoutedClient) -> None:
    rows = read(creator, pk_of(simulator, "aurora.studio"), count=200)
    targets = [int(row["pk"]) for row in rows if row["is_private"]][:12]
    for target in targets:
        assert creator.user_follow(target)
        relation = creator.user_friendship_v1(target)
        assert (relation.following, relation.outgoing_request) == (False, True)
    simulator.advance(advance_days=3)
    answered = [creator.user_friendship_v1(target) for target in targets]
    states = {(relation.following, relation.outgoing_request) for relation in answered if relation is not None}
    assert states == {(True, False), (False, True)}


def test_some_follow_back_within_a_week_as_their_chance_says(simulator: Simulator, creator: RoutedClient) -> None:
    known = simulator.pks("demo_creator") | simulator.pks("demo_creator", "following") | {int(creator.user_id)}
    strangers = simulator.pks("gap.gallery") - known
    outcomes = {}
    for target in sorted(strangers)[:60]:
        chance = simulator.get("truth/chance", login="demo_creator", account=target)
        creator.private_request(f"friendships/create/{target}/", {"user_id": str(target)})
        outcomes[target] = chance["reply_after_seconds"]
    simulator.advance(advance_days=7)
    followers = simulator.pks("demo_creator")
    replied = {target for target, wait in outcomes.items() if wait is not None}
    gone = {target for target in outcomes if not simulator.get("truth/person", account=target)["exists"]}
    assert 5 < len(replied) < 55
    assert replied - gone <= followers
    assert not (set(outcomes) - replied) & followers


def test_follower_can_be_removed(simulator: Simulator, creator: RoutedClient) -> None:
    target = min(simulator.pks("demo_creator"))
    assert creator.user_remove_follower(target) is True
    assert target not in {int(row["pk"]) for row in read(creator, creator.user_id, count=200)}


def test_requests_to_a_private_login_are_approved_or_ignored(simulator: Simulator) -> None:
    client = RoutedClient(simulator.url)
    client.login("demo_2fa", "demo-pass-2", verification_code=client.totp_generate_code("JBSWY3DPEHPK3PXP"))
    waiting = [user.pk for user in client.user_follow_requests()]
    assert len(waiting) > 3
    assert client.user_follow_request_approve(waiting[0])
    assert client.user_follow_request_decline(waiting[1])
    assert {user.pk for user in client.user_follow_requests()} == set(waiting[2:])
    followers = simulator.pks("demo_2fa")
    assert int(waiting[0]) in followers
    assert int(waiting[1]) not in followers


def test_show_many_has_no_followed_by(simulator: Simulator, creator: RoutedClient) -> None:
    pk = str(pk_of(simulator, "aurora.studio"))
    statuses = creator.private_request(
        "friendships/show_many/", data={"user_ids": pk, "_uuid": creator.uuid}, with_signature=False
    )["friendship_statuses"]
    assert statuses[pk]["following"] is True
    assert "followed_by" not in statuses[pk]
    assert [relation.user_id for relation in creator.user_friendships_v1([pk])] == [pk]


def test_like_and_comment_are_seen_by_everybody(simulator: Simulator, creator: RoutedClient) -> None:
    post = creator.user_medias_paginated_v1(pk_of(simulator, "aurora.studio"), 3)[0][2]
    assert creator.media_like(post.id)
    comment = creator.media_comment(post.id, "¡Qué bien! <i>")
    other = RoutedClient(simulator.url)
    cast = simulator.get("cast")["logins"]
    other.login_by_sessionid(next(login["sessionid"] for login in cast if "sessionid" in login))
    seen = other.media_info_v1(post.pk)
    assert (seen.like_count, seen.comment_count) == (post.like_count + 1, post.comment_count + 1)
    newest = other.media_comments_v1_chunk(post.id)[0][0]
    assert (newest.pk, newest.text, newest.user.username) == (comment.pk, "¡Qué bien! <i>", "demo_creator")
    assert "demo_creator" in [user.username for user in other.media_likers(post.id)]
    assert creator.media_unlike(post.id)
    assert other.media_info_v1(post.pk).like_count == post.like_count
