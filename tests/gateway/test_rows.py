"""Raw rows become results: absent is None, never 0; and no shape is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.gateway.providers import instagrapi_rows as rows
from accounts.gateway.results import Person

ROW: dict[str, Any] = {"pk": 5, "username": "ann"}
WRONG_SHAPES = (KeyError, TypeError, ValueError)


def test_the_least_row_is_enough() -> None:
    assert rows.person(ROW) == Person(pk=5, username="ann")


@pytest.mark.parametrize("pk", ["5", 5])
def test_a_pk_is_a_number_or_its_digits(pk: object) -> None:
    assert rows.person({**ROW, "pk": pk}).pk == 5


@pytest.mark.parametrize("pk", [0, -1, 5.0, "5.0", "", "x", "５", None, True, [5], 2**63])
def test_anything_else_is_none(pk: object) -> None:
    with pytest.raises(WRONG_SHAPES):
        rows.person({**ROW, "pk": pk})


@pytest.mark.parametrize("url", ["", None, 5, "http://plain.example/a.jpg", "javascript:alert(1)"])
def test_a_picture_is_an_https_address_or_none(url: object) -> None:
    assert rows.person({**ROW, "profile_pic_url": url}).picture_url is None


def test_names_are_cleaned() -> None:
    person = rows.person({**ROW, "username": "Ann\x00.Lee ", "full_name": "A\ud800nn\x00" + "é" * 500})
    assert person.username == "ann.lee"
    assert person.full_name == "Ann" + "é" * 147


def test_counts_that_are_absent_are_unknown() -> None:
    profile = rows.profile({"user": {**ROW, "follower_count": None, "media_count": -1}})
    assert (profile.followers_count, profile.following_count, profile.posts_count) == (None, None, None)
    assert rows.profile({"user": {**ROW, "follower_count": 0}}).followers_count == 0


@pytest.mark.parametrize("count", ["5", 5.5, True, []])
def test_counts_of_another_shape_are_refused(count: object) -> None:
    with pytest.raises(TypeError):
        rows.profile({"user": {**ROW, "follower_count": count}})


@pytest.mark.parametrize(
    ("raw", "cursor"), [(None, None), ("", None), ("QVFE", "QVFE"), (200, "200"), ("17_4", "17_4")]
)
def test_the_next_cursor(raw: object, cursor: str | None) -> None:
    assert rows.people_page({"users": [], "next_max_id": raw}).next_cursor == cursor


def test_a_post_without_caption_or_picture_is_one() -> None:
    post = rows.post(
        {"pk": "7", "code": "H", "user": {"pk": 5}, "taken_at": 1_700_000_000, "media_type": 2, "caption": None}
    )
    assert (post.caption, post.picture_url, post.like_count, post.kind) == ("", None, None, "video")
    assert post.taken_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_the_last_page_of_posts_may_still_name_a_cursor() -> None:
    assert rows.post_page({"items": [], "more_available": False, "next_max_id": "1_2"}).next_cursor is None


def test_a_write_that_was_carried_out_is_never_lost_to_its_answer() -> None:
    for answer in ({}, {"status": "ok"}, {"status": "ok", "friendship_status": None}, {"status": 5}):
        told = rows.write_answer(answer, 5)
        assert told.friendship is None
        assert told.accepted is (answer.get("status") == "ok")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["users", "pk", "username", "user", "next_max_id", "full_name", "items", "caption", "taken_at"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(answer=st.dictionaries(st.sampled_from(["users", "user", "items", "comments", "next_max_id"]), ANYTHING))
def test_any_answer_is_a_result_or_a_wrong_shape(answer: dict[str, Any]) -> None:
    for mapper in (rows.people_page, rows.profile, rows.post_page, rows.comment_page):
        try:
            result = mapper(answer)
        except (*WRONG_SHAPES, OverflowError, OSError):
            continue
        assert "\\ud" not in ascii(result)
        assert "\\x00" not in ascii(result)
