"""The search at the top of every page finds accounts and people of the workspace, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.gateway.results import Person
from accounts.models import TrackedAccount
from scans import finding, search_text
from scans.models import EdgeList
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    """First with Zoë, then without her; Zora stays."""
    tracked = listed.account(cast.workspace)
    zora, zoe = listed.person(8, "zora.b"), Person(pk=7, username="zoe.kiln", full_name="Zoë Çelik")
    for people in ([zora, zoe, *listed.numbers(20, 40)], [zora, *listed.numbers(20, 40)]):
        listed.scanned(tracked, people)
        _fill()
    return tracked


def _fill() -> None:
    for edges in search_text.behind(EdgeList.objects.all()):
        place: Any = search_text.start(edges)
        while place:
            last, place = place, search_text.fill(place)
        search_text.finish(last)


def names(cast: Cast, words: str) -> list[str]:
    return [person.username for person in finding.find(cast.workspace, words).people]


@pytest.mark.parametrize("words", ["zoe", "@zoe.kiln", "ÇELIK", "celik", "Zoë"])
def test_people_are_found_by_both_names_whatever_the_accents_also_when_they_left(
    cast: Cast, account: TrackedAccount, words: str
) -> None:
    assert names(cast, words) == ["zoe.kiln"]


def test_accounts_are_found_by_two_letters_and_people_by_three(cast: Cast, account: TrackedAccount) -> None:
    found = finding.find(cast.workspace, "tr")
    assert [one.username for one in found.accounts] == [account.username]
    assert found.is_short
    assert found.people == []
    assert names(cast, "zor") == ["zora.b"]


def test_strangers_find_neither(cast: Cast, account: TrackedAccount) -> None:
    found = finding.find(cast.elsewhere, "zoe")
    assert (found.accounts, found.people) == ([], [])
    assert finding.find(cast.elsewhere, account.username).accounts == []


@pytest.mark.parametrize("words", ["%%%", "___", "\\\\\\", "<script>", "\u202e\u202e\u202e", "\x00abc"])
def test_wildcards_and_odd_letters_find_nobody(cast: Cast, account: TrackedAccount, words: str) -> None:
    assert names(cast, words.replace("\x00", "")) == []
    assert cast.client(cast.viewer).get("/search/", {"q": words}).status_code == 200


def test_what_is_cut_says_so(cast: Cast, account: TrackedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not finding.find(cast.workspace, "person2").is_cut
    monkeypatch.setattr(finding, "MOST", 5)
    found = finding.find(cast.workspace, "person2")
    assert (len(found.people), found.is_cut) == (5, True)


def test_typing_reads_the_part_and_the_page_works_alone(cast: Cast, account: TrackedAccount) -> None:
    client: Client = cast.client(cast.viewer)
    page = client.get("/search/", {"q": "zoe"}).content.decode()
    part = client.get("/search/", {"q": "zoe"}, headers={"HX-Request": "true", "HX-Target": "found"}).content.decode()
    assert "<html" in page
    assert "zoe.kiln" in page
    assert "<html" not in part
    assert "zoe.kiln" in part


def test_the_number_of_queries_does_not_grow(
    cast: Cast, account: TrackedAccount, django_assert_max_num_queries: Any
) -> None:
    client = cast.client(cast.viewer)
    client.get("/search/", {"q": "person"})
    with django_assert_max_num_queries(16):
        client.get("/search/", {"q": "person"})
