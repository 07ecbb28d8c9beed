"""What comes in can be stored and shown, and what people are called is not touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igsite.text import clean_text, clean_username, whole_number, whole_numbers

ANY_TEXT = st.text(alphabet=st.characters(), max_size=80)  # surrogates and controls included


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("plain", "plain"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("lone \ud83d surrogate \udc00", "lone  surrogate "),
        ("pair \ud83d\ude00", "pair 😀"),
        ("line\r\nline\rline\n\ttab", "line\nline\nline\n\ttab"),
        ("csi \x9b31m del \x7f", "csi 31m del "),
        (None, ""),
    ],
)
def test_what_cannot_be_stored_is_cut_out(raw: str | None, clean: str) -> None:
    assert clean_text(raw) == clean


@pytest.mark.parametrize(
    "name", ["مرحبا \u202eabc\u202c", "👩‍👩‍👧", "नमस्ते", "e\u0301", "\u200bzero", "日本語", "=HYPERLINK(1)", "<script>"]
)
def test_names_keep_their_scripts_joiners_and_direction(name: str) -> None:
    assert clean_text(name) == name


def test_length_is_capped_in_code_points() -> None:
    assert clean_text("é" * 5_000, limit=150) == "é" * 150
    assert clean_text("a" * 5_000, limit=150) == "a" * 150


def test_another_type_is_an_error() -> None:
    with pytest.raises(TypeError):
        clean_text(17)  # type: ignore[arg-type]


@given(ANY_TEXT)
def test_clean_text_always_encodes_and_is_stable(raw: str) -> None:
    clean = clean_text(raw)
    assert "\x00" not in clean
    clean.encode("utf-8")
    assert clean_text(clean) == clean


@given(ANY_TEXT)
def test_user_names_are_one_lower_case_word_or_an_error(raw: str) -> None:
    try:
        name = clean_username(raw)
    except ValueError:
        return
    assert name
    assert len(name.split()) == 1
    assert not name.startswith("@")


def test_user_name_as_people_write_it() -> None:
    assert clean_username(" @Aurora.Studio\n") == "aurora.studio"


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "²", "١", "1_000", "1" * 19, "0x1", "1\n"])
def test_nothing_but_ascii_digits_of_this_length_is_a_number(text: str) -> None:
    assert whole_number(text) is None


def test_numbers_of_addresses_fit_into_the_database() -> None:
    assert whole_number("9" * 18) == 10**18 - 1 < 1 << 63
    assert whole_number("007") == 7
    assert whole_number("100", digits=2) is None
    assert whole_numbers(["3", "", "x", "1"]) == [3, 1]
