"""The pages of people and changes show what the domain answers, page by page, and never more than one query more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import TrackedAccount
from scans.models import Direction
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]
QUERIES = 30


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    """Scanned twice: 130 followers, then 1–10 gone, 200–219 new and 50 renamed; follows 100–159."""
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 131))
    later = [
        *listed.numbers(11, 50),
        listed.person(50, "walks.now"),
        *listed.numbers(51, 131),
        *listed.numbers(200, 220),
    ]
    listed.scanned(tracked, later)
    listed.scanned(tracked, listed.numbers(100, 160), direction=Direction.FOLLOWING)
    return tracked


@pytest.fixture
def viewer(cast: Cast) -> Client:
    return cast.client(cast.viewer)


def people(client: Client, account: TrackedAccount, **query: str) -> str:
    answer = client.get(f"/accounts/{account.pk}/people/", query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("which", "there", "not_there"),
    [
        ("followers", "person200", "person5"),
        ("following", "person159", "person200"),
        ("mutuals", "person101", "person99"),
        ("dont_follow_back", "person131", "person101"),
        ("fans", "person99", "person101"),
    ],
)
def test_each_list_shows_its_people(
    viewer: Client, account: TrackedAccount, which: str, there: str, not_there: str
) -> None:
    for name, expected in ((there, True), (not_there, False)):
        answer = viewer.get(f"/accounts/{account.pk}/people/", {"list": which, "q": name})
        assert (name in [person.username for person in answer.context["page"].items]) is expected
        assert (f">{name}<" in answer.content.decode()) is expected


def test_people_are_read_on_page_by_page_without_a_script(viewer: Client, account: TrackedAccount) -> None:
    seen: list[str] = []
    address = f"/accounts/{account.pk}/people/?list=followers"
    while address:
        answer = viewer.get(address)
        seen += [person.username for person in answer.context["page"].items]
        page = answer.context["page"]
        address = f"/accounts/{account.pk}/people/?list=followers&cursor={page.next}" if page.next else ""
    assert len(seen) == len(set(seen)) == 140


def test_scrolling_gets_rows_only(viewer: Client, account: TrackedAccount) -> None:
    first = viewer.get(f"/accounts/{account.pk}/people/")
    more = viewer.get(
        f"/accounts/{account.pk}/people/?cursor={first.context['page'].next}",
        headers={"HX-Request": "true", "HX-Target": "more-rows"},
    )
    assert more.content.strip().startswith(b'<li class="pcard">')
    assert b"<html" not in more.content


def test_a_cursor_of_another_list_is_refused_in_words(viewer: Client, account: TrackedAccount) -> None:
    cursor = viewer.get(f"/accounts/{account.pk}/people/").context["page"].next
    answer = viewer.get(f"/accounts/{account.pk}/people/?list=fans&cursor={cursor}")
    assert answer.status_code == 422
    assert b"first page" in answer.content


def test_a_list_says_what_it_rests_on(viewer: Client, account: TrackedAccount) -> None:
    assert "complete" in people(viewer, account, list="mutuals")
    listed.scanned(account, listed.numbers(100, 110), direction=Direction.FOLLOWING, counted=60, stop="early_end")
    text = people(viewer, account, list="dont_follow_back")
    assert "It stopped." in text
    assert "Last complete" in text


def test_a_list_never_read_says_so(viewer: Client, cast: Cast) -> None:
    assert "never read" in people(viewer, listed.account(cast.workspace), list="mutuals")


def test_new_people_are_marked_after_the_baseline_only(viewer: Client, account: TrackedAccount) -> None:
    assert ">New<" in people(viewer, account, q="person200")
    assert ">New<" not in people(viewer, account, q="person100")


def changes(client: Client, account: TrackedAccount, **query: str) -> Any:
    answer = client.get(f"/accounts/{account.pk}/changes/", query)
    assert answer.status_code == 200
    return answer


def test_the_last_two_complete_scans_are_compared(viewer: Client, account: TrackedAccount) -> None:
    answer = changes(viewer, account)
    assert {kind.value: count for kind, count, _page in answer.context["sections"]} == {
        "new": 20, "lost": 10, "returned": 0, "renamed": 1,
    }  # fmt: skip
    text = answer.content.decode()
    assert "<del>person50</del>" in text
    assert "walks.now" in text
    assert "Missing" in text


def test_any_two_scans_can_be_chosen_in_either_order(viewer: Client, account: TrackedAccount) -> None:
    listed.scanned(account, [*listed.numbers(1, 131), *listed.numbers(200, 220)])
    answer = changes(viewer, account, since="3", until="1")
    counts = {kind.value: count for kind, count, _page in answer.context["sections"]}
    assert (counts["new"], counts["returned"]) == (20, 10)


@pytest.mark.parametrize("pair", [("2", "2"), ("9", "10"), ("0", "1"), ("x", "1" * 40)])
def test_scans_that_cannot_be_compared_are_refused_in_words_or_ignored(
    viewer: Client, account: TrackedAccount, pair: tuple[str, str]
) -> None:
    answer = changes(viewer, account, since=pair[0], until=pair[1])
    assert answer.context.get("refused") or answer.context["sections"]


def test_a_partial_scan_is_named_as_such(viewer: Client, account: TrackedAccount) -> None:
    listed.scanned(account, listed.numbers(20, 40), counted=140, stop="limited")
    assert "Not both scans are complete" in changes(viewer, account, since="2", until="3").content.decode()


def test_one_scan_or_none_has_no_changes(viewer: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    assert "never read" in changes(viewer, tracked).content.decode()
    listed.scanned(tracked, listed.numbers(1, 4))
    assert "baseline" in changes(viewer, tracked).content.decode()


def test_a_section_reads_on_alone(viewer: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 4))
    listed.scanned(tracked, listed.numbers(1, 60))
    first = changes(viewer, tracked).context["sections"][0][2]
    more = viewer.get(
        f"/accounts/{tracked.pk}/changes/?after_new={first.next}",
        headers={"HX-Request": "true", "HX-Target": "more-new"},
    )
    names = [change.person.username for change in [*first.items, *more.context["page"].items]]
    assert len(names) == len(set(names)) == 56
    assert b"<form" not in more.content


@pytest.mark.parametrize("page", ["", "people/", "changes/", "people/?look=table&sort=newest&list=fans"])
def test_pages_of_an_account_ask_the_same_however_long_its_lists_are(
    viewer: Client, cast: Cast, django_assert_max_num_queries: Any, page: str
) -> None:
    for size in (5, 400):
        tracked = listed.account(cast.workspace)
        for start in (1, 3):
            listed.scanned(tracked, listed.numbers(start, size))
            listed.scanned(tracked, listed.numbers(start, size), direction=Direction.FOLLOWING)
        with django_assert_max_num_queries(QUERIES):
            assert viewer.get(f"/accounts/{tracked.pk}/{page}").status_code == 200


@pytest.mark.parametrize("page", ["", "people/", "changes/"])
def test_strangers_find_no_account(cast: Cast, account: TrackedAccount, page: str) -> None:
    assert cast.client(cast.stranger).get(f"/accounts/{account.pk}/{page}").status_code == 404
    assert cast.client(None).get(f"/accounts/{account.pk}/{page}").status_code == 302


def test_names_that_attack_stay_words(viewer: Client, cast: Cast) -> None:
    tracked = listed.account(cast.workspace)
    hostile = '<img src=x onerror="alert(1)">'
    listed.scanned(tracked, [listed.person(1)])
    row = listed.person(2)
    listed.scanned(tracked, [listed.person(1), type(row)(pk=2, username="two", full_name=hostile)])
    for page in ("people/", "people/?look=table", "changes/"):
        assert hostile not in viewer.get(f"/accounts/{tracked.pk}/{page}").content.decode()
