"""A true answer with one thing in it changed is read as it stands or is an error: no guess, and no other type."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.results import Comment, CommentPage, PeoplePage, Person, Post, PostPage, Profile
from tests.gateway.true_answers import READINGS

ODD = ("", "0", "-1", "1" * 30, "\x00", "\ud800", "javascript:x", "2026-13-45", "9" * 5_000)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "count", "text"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything inside ``value``."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def changed(answer: Any, path: tuple[Any, ...], into: Any, *, is_removed: bool) -> Any:
    whole = copy.deepcopy(answer)
    holder = whole
    for key in path[:-1]:
        holder = holder[key]
    if is_removed:
        del holder[path[-1]]
    else:
        holder[path[-1]] = into
    return whole


def assert_sound(found: object) -> None:
    """Every field has the type that the result promises, and text can be stored."""
    match found:
        case PeoplePage(people=rows) | PostPage(posts=rows) | CommentPage(comments=rows):
            assert isinstance(rows, tuple)
            assert found.next_cursor != ""
            for row in rows:
                assert_sound(row)
        case Comment():
            assert_sound(found.author)
        case Person() | Profile() | Post():
            pass
        case _:
            raise AssertionError(repr(found))
    for field in dataclasses.fields(found):
        assert_field(field.name, getattr(found, field.name))


def assert_field(name: str, value: object) -> None:
    if isinstance(value, str):
        value.encode("utf-8")
        assert "\x00" not in value
        assert len(value) <= 5_000
        assert not name.endswith("picture_url") or value.startswith("https://")
    if name in ("pk", "owner_pk"):
        assert value is None or (type(value) is int and 0 < value < 2**63)
    if name == "username":
        assert value
    if name.endswith("count"):
        assert value is None or (type(value) is int and value >= 0)
    if name.startswith("is_"):
        assert value is None or type(value) is bool
    if name.endswith("_at"):
        assert value is None or (isinstance(value, datetime) and value.tzinfo is not None)


@pytest.mark.parametrize("name", READINGS)
def test_a_true_answer_is_read_whole(name: str) -> None:
    into, answer = READINGS[name]
    found = into(answer)
    assert_sound(found)
    match found:
        case Profile():
            assert (found.pk, found.username) == (17, "ann")
            assert (found.followers_count, found.following_count, found.posts_count) == (3, 4, 5)
        case Post() | PostPage(posts=(Post(), *_)):
            post = found if isinstance(found, Post) else found.posts[0]
            assert (post.owner_pk, post.like_count, post.comment_count, post.caption) == (17, 1, 2, "c")
            assert post.taken_at is not None
            assert post.taken_at.astimezone(UTC).year == 2026
        case _:
            assert "ann" in repr(found)


@pytest.mark.parametrize("name", READINGS)
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_one_change_gives_a_sound_result_or_an_error(name: str, data: st.DataObject) -> None:
    into, answer = READINGS[name]
    path = data.draw(st.sampled_from(list(places(answer))))
    spoilt = changed(answer, path, data.draw(ANYTHING), is_removed=data.draw(st.booleans()))
    with contextlib.suppress(errors.ContractDrift, errors.Gone, errors.Private, errors.RunFailed):
        assert_sound(asked(lambda: into(spoilt)))
