"""People lists: search, sorts, pages, and the same answer whichever way a page is found."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.gateway.results import Person
from igsite.paging import BadCursor
from scans import people
from scans.models import Direction
from scans.people import PeopleList, PeopleSort
from tests.scans import listed
from tests.scans.scanner import shown

pytestmark = pytest.mark.django_db

NAMES = {
    1: ("zoe.clay", "Zoë Clay"),
    2: ("adam_kiln", "Adam Kiln"),
    3: ("kiln.master", "李小龙"),
    4: ("percent%sign", "100% clay"),
    5: ("under_score", "Ünder Skøre"),
    6: ("arabic", "محمد علي"),
}


def crowd(*numbers: int) -> list[Person]:
    return [Person(pk=n, username=NAMES[n][0], full_name=NAMES[n][1]) for n in numbers]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("kiln", [2, 3]),
        ("KILN", [2, 3]),
        ("@adam", [2]),
        ("ki\x00ln", [2, 3]),
        ("zoë", [1]),
        ("ZOË", [1]),
        ("小", [3]),
        ("علي", [6]),
        ("%", [4]),
        ("_", [2, 5]),
        ("ÜNDER", [5]),
        ("nobody", []),
    ],
)
@pytest.mark.parametrize("sort", PeopleSort)
def test_search_finds_parts_of_both_names_in_any_script(search: str, found: list[int], sort: PeopleSort) -> None:
    account = listed.account()
    listed.scanned(account, crowd(*NAMES))
    assert sorted(shown(account, PeopleList.FOLLOWERS, search=search, sort=sort)) == found


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("which", PeopleList)
@pytest.mark.parametrize("sort", PeopleSort)
def test_pages_of_any_size_show_everybody_once(which: PeopleList, sort: PeopleSort, limit: int) -> None:
    account = listed.account()
    listed.scanned(account, crowd(1, 2, 3))
    listed.scanned(account, crowd(1, 2, 3, 4))
    listed.scanned(account, crowd(3, 4, 5, 6), direction=Direction.FOLLOWING)
    found: list[int] = []
    cursor = ""
    while True:
        page = people.people(account, which, sort=sort, cursor=cursor, limit=limit)
        found += [row.profile_id for row in page.items]
        cursor = page.next
        if not cursor:
            break
    expected = {
        PeopleList.FOLLOWERS: {1, 2, 3, 4},
        PeopleList.FOLLOWING: {3, 4, 5, 6},
        PeopleList.MUTUALS: {3, 4},
        PeopleList.DONT_FOLLOW_BACK: {5, 6},
        PeopleList.FANS: {1, 2},
    }[which]
    assert len(found) == len(set(found))
    assert set(found) == expected
    if sort == PeopleSort.NAME:
        assert found == sorted(found, key=lambda pk: NAMES[pk][0])


def test_newest_first_puts_those_who_came_last_at_the_top() -> None:
    account = listed.account()
    for until in (3, 4, 5):
        listed.scanned(account, listed.numbers(1, until + 1))
    assert shown(account, PeopleList.FOLLOWERS, sort=PeopleSort.NEWEST) == [5, 4, 3, 2, 1]


def test_walking_all_names_shows_the_same_as_joining_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 40))
    listed.scanned(account, listed.numbers(20, 60), direction=Direction.FOLLOWING)
    joined = {which: shown(account, which) for which in PeopleList}
    monkeypatch.setattr(people, "SHORT", 0)
    assert {which: shown(account, which) for which in PeopleList} == joined


def test_a_cursor_serves_the_list_it_is_from_only() -> None:
    account, other = listed.account(), listed.account()
    for each in (account, other):
        listed.scanned(each, listed.numbers(1, 10))
    cursor = people.people(account, PeopleList.FOLLOWERS, limit=2).next
    for asked, which, search, sort in (
        (other, PeopleList.FOLLOWERS, "", PeopleSort.NAME),
        (account, PeopleList.FANS, "", PeopleSort.NAME),
        (account, PeopleList.FOLLOWERS, "a", PeopleSort.NAME),
        (account, PeopleList.FOLLOWERS, "", PeopleSort.NEWEST),
    ):
        with pytest.raises(BadCursor):
            people.people(asked, which, cursor=cursor, search=search, sort=sort)
    with pytest.raises(BadCursor):
        people.people(account, PeopleList.FOLLOWERS, cursor="made-up")


def test_a_list_that_was_never_read_is_empty_and_says_so() -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 5))
    assert shown(account, PeopleList.MUTUALS) == []
    sizes = people.counts(account)
    assert (sizes.followers, sizes.following, sizes.fans) == (4, None, None)
    readings = {reading.direction: reading for reading in people.readings(account, PeopleList.FANS)}
    assert readings[Direction.FOLLOWERS].is_whole
    assert readings[Direction.FOLLOWING].latest is None


def test_a_list_that_rests_on_a_partial_scan_is_not_whole_but_knows_the_last_complete_one() -> None:
    account = listed.account()
    complete = listed.scanned(account, listed.numbers(1, 5))
    partial = listed.scanned(account, listed.numbers(1, 3), stop="throttled")
    (reading,) = people.readings(account, PeopleList.FOLLOWERS)
    assert (reading.latest, reading.complete, reading.is_whole) == (partial, complete, False)


def test_deleting_an_account_takes_its_edges_along() -> None:
    account = listed.account()
    row = listed.scanned(account, listed.numbers(1, 5))
    account.delete()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from edge_current where list_id = %s", [row.edge_list_id])
        assert cursor.fetchone() == (0,)
