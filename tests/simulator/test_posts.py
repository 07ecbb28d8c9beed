"""Posts, comments and likers through the real client."""

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator
from tests.simulator.test_lists import pk_of


def test_posts_are_paged_newest_first_to_the_end(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "tiny.pottery")
    expected = creator.user_info_v1(pk).media_count
    posts, cursor = [], ""
    while True:
        page, cursor = creator.user_medias_paginated_v1(pk, 4, cursor)
        posts += page
        if not cursor:
            break
    assert len(posts) == expected == len({post.pk for post in posts})
    assert [post.taken_at for post in posts] == sorted((post.taken_at for post in posts), reverse=True)
    assert {post.media_type for post in posts} > {1}


def test_counts_of_a_post_grow_with_time_and_level_off(simulator: Simulator, creator: RoutedClient) -> None:
    pk = pk_of(simulator, "megastar.official")
    first = creator.user_medias_paginated_v1(pk, 1)[0][0]
    counts = []
    for _ in range(4):
        post = creator.media_info_v1(first.pk)
        counts.append((post.like_count, post.comment_count))
        simulator.advance(advance_days=5)
    assert counts == sorted(counts)
    assert counts[1][0] - counts[0][0] > counts[3][0] - counts[2][0]
    assert creator.user_medias_paginated_v1(pk, 1)[0][0].pk != first.pk, "new posts came"


def test_code_of_a_post_is_its_pk(simulator: Simulator, creator: RoutedClient) -> None:
    post = creator.user_medias_paginated_v1(pk_of(simulator, "aurora.studio"), 1)[0][0]
    assert str(creator.media_pk_from_code(post.code)) == str(post.pk)


def test_comments_page_back_to_the_first_without_repeats(simulator: Simulator, creator: RoutedClient) -> None:
    posts = creator.user_medias_paginated_v1(pk_of(simulator, "la.cocina.verde"), 20)[0]
    post = next(post for post in posts if 40 < post.comment_count < 400)
    comments, cursor = [], ""
    while True:
        page, cursor, _ = creator.media_comments_v1_chunk(post.id, min_id=cursor)
        comments += page
        if not cursor:
            break
    assert len({comment.pk for comment in comments}) == len(comments)
    assert post.comment_count * 0.8 < len(comments) <= post.comment_count
    times = [comment.created_at_utc for comment in comments]
    assert times == sorted(times, reverse=True)
    assert len({comment.text for comment in comments}) > 10


def test_likers_are_followers(simulator: Simulator, creator: RoutedClient) -> None:
    post = creator.user_medias_paginated_v1(pk_of(simulator, "northwind_run"), 12)[0][-1]
    likers = {int(user.pk) for user in creator.media_likers(post.id)}
    assert likers
    assert likers <= simulator.pks("northwind_run")
