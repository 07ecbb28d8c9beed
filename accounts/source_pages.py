"""Where a person looks after a source."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse


def page_of(source: str) -> str:
    """The page of one source."""
    try:
        return reverse("settings:source", args=[source])
    except NoReverseMatch:
        return ""
