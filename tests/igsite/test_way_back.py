"""Back to where a form was sent from, if that is a page of this site."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from igsite.htmx import way_back

STRANGE = ("", "abc", "dashboard", "//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)")


@pytest.mark.parametrize("wanted", STRANGE)
def test_nothing_leads_away_from_the_site(wanted: str) -> None:
    assert way_back(RequestFactory().post("/"), wanted, "/home/") == "/home/"


def test_a_page_of_the_site_is_gone_back_to() -> None:
    assert way_back(RequestFactory().post("/"), "/people/?cursor=a", "/home/") == "/people/?cursor=a"
