"""The interface's tags in templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone


def rendered(source: str, **values: Any) -> str:
    return Template(source).render(Context(values))


def test_decoration_is_hidden_and_a_labelled_icon_is_read() -> None:
    assert 'aria-hidden="true"' in rendered('{% icon "users" %}')
    assert 'role="img" aria-label="&lt;b&gt;"' in rendered('{% icon "users" 16 label %}', label="<b>")


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Aurora Studio", "AS"), ("aurora.studio", "AS"), ("東京の花屋", "東"), ("🌿 Zoë", "Z"), ("", "?"), ("<b>", "B")],
)
def test_avatars_have_initials_in_any_script(name: str, initials: str) -> None:
    assert f">{initials}</text>" in rendered("{% avatar name 3 %}", name=name)


def test_the_same_key_has_the_same_colour() -> None:
    assert rendered('{% avatar "A" key %}', key=7) == rendered('{% avatar "A" key %}', key="7")


def test_times_are_relative_with_the_exact_one_beside() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with timezone.override("Europe/Madrid"):
        text = rendered("{{ moment|ago }}", moment=moment)
    assert 'datetime="2026-03-01T12:00:00+00:00"' in text
    assert "1 p.m. CET" in text
    assert rendered("{{ moment|ago }}{{ moment|when }}", moment=None) == "––"


class Example(forms.Form):
    name = forms.CharField(help_text="As on <Instagram>")


def test_a_field_is_tied_to_its_hint_and_its_error() -> None:
    text = rendered('{% include "_components/fields.html" %}', form=Example({"name": ""}))
    assert 'aria-describedby="h-id_name e-id_name"' in text
    assert 'aria-invalid="true"' in text
    assert '<a href="#id_name">' in text
    assert "data-focus" in text
    assert "As on &lt;Instagram&gt;" in text


def test_a_file_that_npm_did_not_bring_has_no_address() -> None:
    assert rendered('{% published "vendor/nowhere.css" %}') == ""
