"""What people paste when they mean an account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tracking import InvalidAccountName, username_in


@pytest.mark.parametrize(
    "text",
    [
        "aurora.studio", "@aurora.studio", "  @Aurora.Studio ", "AURORA.STUDIO",
        "https://www.instagram.com/aurora.studio", "https://www.instagram.com/aurora.studio/",
        "http://instagram.com/aurora.studio/?hl=en&igsh=MzRlODBiNWFlZA==", "instagram.com/aurora.studio",
        "www.instagram.com/Aurora.Studio/", "https://m.instagram.com/aurora.studio/?utm_source=qr#about",
        "https://www.instagram.com/aurora.studio/followers/", "https://www.instagram.com/aurora.studio/reels/",
        "https://www.instagram.com/aurora.studio/tagged/", "https://www.instagram.com/_u/aurora.studio/",
        "https://instagram.com/@aurora.studio", "https://www.instagram.com/stories/aurora.studio/3141592/",
        "https://instagr.am/aurora.studio", "//www.instagram.com/aurora.studio", "https://WWW.INSTAGRAM.COM/aurora.studio",
        "https://ig.me/aurora.studio", "https://l.instagram.com:443/aurora.studio/",
    ],
)  # fmt: skip
def test_a_name_or_any_address_of_a_profile_is_recognised(text: str) -> None:
    assert username_in(text) == "aurora.studio"


@pytest.mark.parametrize(
    "text",
    [
        "https://www.instagram.com/p/C1abcDEF/", "instagram.com/reel/C1abcDEF/?igsh=1",
        "https://www.instagram.com/reels/C1abcDEF/", "https://instagram.com/tv/C1abcDEF",
        "https://www.instagram.com/aurora.studio/p/C1abcDEF/", "https://www.instagram.com/aurora.studio/reel/C1abcDEF/",
    ],
)  # fmt: skip
def test_the_address_of_a_post_is_told_apart(text: str) -> None:
    with pytest.raises(InvalidAccountName, match="post"):
        username_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "@", "two words", "a" * 31, "ünïcode", ".dot", "dot.", "two..dots", "semi;colon", "<script>",
        "https://example.org/aurora.studio", "https://instagram.com.evil.example/aurora.studio",
        "https://evilinstagram.com/aurora.studio", "https://instagram.com/", "https://www.instagram.com/explore/tags/a/",
        "https://www.instagram.com/accounts/login/", "https://www.instagram.com/stories/highlights/17/",
        "javascript:alert(1)//instagram.com/x", "https://[::1/aurora", "x" * 5_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidAccountName) as caught:
        username_in(text)
    assert str(caught.value).endswith(".")
    assert caught.value.fields["account"]


@given(st.text())
def test_whatever_is_typed_becomes_a_plain_name_or_a_refusal(text: str) -> None:
    try:
        name = username_in(text)
    except InvalidAccountName:
        return
    assert name == name.lower()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._")
    assert 1 <= len(name) <= 30
