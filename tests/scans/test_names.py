"""The names beside the people: always true, or known to be behind; nobody is missed while they are."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Profile, TrackedAccount
from scans import merge, names, people, provisional
from scans.models import ListScan
from scans.people import PeopleList, PeopleSort
from tests.scans import listed
from tests.scans.scanner import edges_of

pytestmark = pytest.mark.django_db


def stored() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("select username, profile_id from profile_name order by 1, 2")
        return list(cursor.fetchall())


def borne() -> list[tuple[str, int]]:
    return sorted(Profile.objects.values_list("username", "pk"))


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every list counts as long, and a merge of more than two new people as a large one."""
    monkeypatch.setattr(people, "SHORT", 0)
    monkeypatch.setattr(names, "AT_ONCE", 2)


def test_whatever_adds_renames_or_removes_somebody_keeps_the_names_true() -> None:
    account = listed.account()
    listed.scanned(account, [listed.person(1, "ana"), listed.person(2, "leo"), listed.person(3, "zoe")])
    Profile.objects.create(pk=9, username="mar")
    assert stored() == borne() == [("ana", 1), ("leo", 2), ("mar", 9), ("zoe", 3)]
    listed.scanned(account, [listed.person(1, "ana.new"), listed.person(2, "leo"), listed.person(3, "zoe.new")])
    Profile.objects.filter(pk=9).update(username="ana")
    Profile.objects.filter(pk=2).delete()
    assert stored() == borne() == [("ana", 9), ("ana.new", 1), ("zoe.new", 3)]


def test_a_large_merge_leaves_names_for_later_and_nobody_is_missed_meanwhile(long_lists: None) -> None:
    account = listed.account()
    listed.scanned(account, [listed.person(1, "zoe"), listed.person(2, "ana"), listed.person(3, "leo")])
    assert (stored(), names.is_behind()) == ([], True)

    assert provisional.ids_of(["leo"], account_id=account.pk) == {"leo": 3}
    names.fill()
    assert (stored(), names.is_behind()) == (borne(), False)
    assert shown(account)[0] == ["ana", "leo", "zoe"]
    assert provisional.ids_of(["leo", "ana"], account_id=account.pk) == {"leo": 3, "ana": 2}


def shown(account: TrackedAccount, cursor: str = "") -> tuple[list[str], PeopleSort]:
    """Everybody by name in pages of two, and the order that the last page says it is in."""
    page = people.people(account, PeopleList.FOLLOWERS, sort=PeopleSort.NAME, limit=2, cursor=cursor)
    on = shown(account, page.next)[0] if page.next else []
    return [person.username for person in page.items] + on, page.sort


def test_until_names_are_written_a_long_list_is_not_read_whole_but_shown_newest_first(
    long_lists: None,
) -> None:
    account = listed.account()
    listed.scanned(account, [listed.person(1, "zoe"), listed.person(2, "ana"), listed.person(3, "leo")])
    assert shown(account) == (["leo", "ana", "zoe"], PeopleSort.NEWEST)
    with CaptureQueriesContext(connection) as asked:
        page = people.people(account, PeopleList.FOLLOWERS, sort=PeopleSort.NAME, limit=2)
    assert not [query for query in asked.captured_queries if "as materialized" in query["sql"]]
    names.fill()
    assert shown(account, page.next) == (["zoe"], PeopleSort.NEWEST), "a list that was begun goes on in its order"
    assert shown(account) == (["ana", "leo", "zoe"], PeopleSort.NAME)


def test_a_list_that_was_begun_by_name_goes_on_by_name(long_lists: None) -> None:
    account = listed.account()
    listed.scanned(account, [listed.person(1, "zoe"), listed.person(2, "ana"), listed.person(3, "leo")])
    names.fill()
    page = people.people(account, PeopleList.FOLLOWERS, sort=PeopleSort.NAME, limit=2)
    listed.scanned(account, [listed.person(n, f"name{n}") for n in range(1, 8)])
    assert names.is_behind()
    later, order = shown(account, page.next)
    assert (later[-1], order) == ("name7", PeopleSort.NAME)


def test_names_left_for_later_are_written_behind_the_merge(long_lists: None) -> None:
    listed.scanned(listed.account(), listed.numbers(1, 6))
    assert names.is_behind()
    merge.tidy(merge.Merged(5, 0, 0, 0, 5))
    assert stored() == borne()
    assert len(stored()) == 5


def test_who_is_renamed_before_the_name_is_written_is_found_under_the_new_one(long_lists: None) -> None:
    account = listed.account()
    listed.scanned(account, listed.numbers(1, 5))
    Profile.objects.filter(pk=2).update(username="ana")
    names.fill()
    assert stored() == borne()


def test_a_row_that_outlived_its_name_shows_nobody_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "SHORT", 0)
    account = listed.account()
    listed.scanned(account, [listed.person(1, "ana"), listed.person(2, "leo")])
    with connection.cursor() as cursor:
        cursor.execute("insert into profile_name values ('zoe', 1)")
    for sort, expected in ((PeopleSort.NAME, [1, 2]), (PeopleSort.NAME_DOWN, [2, 1])):
        page = people.people(account, PeopleList.FOLLOWERS, sort=sort)
        assert [person.profile_id for person in page.items] == expected
    assert provisional.ids_of(["zoe"], account_id=account.pk)["zoe"] < 0


def test_a_name_borne_by_two_is_the_one_on_the_own_list(long_lists: None) -> None:
    account, other = listed.account(), listed.account()
    listed.scanned(other, [listed.person(1, "twice"), listed.person(5), listed.person(6)])
    listed.scanned(account, [listed.person(2, "twice")])
    for _filled in range(2):
        assert provisional.ids_of(["twice"], account_id=account.pk) == {"twice": 2}
        stranger = listed.account().pk
        assert provisional.ids_of(["twice"], account_id=stranger)["twice"] < 0
        names.fill()


@pytest.mark.django_db(transaction=True)
def test_somebody_whom_another_scan_stores_meanwhile_is_stored_once() -> None:
    account, ended = listed.account(), []

    def scan() -> None:
        try:
            ended.append(listed.scanned(account, listed.numbers(1, 200)))
        finally:
            connection.close()

    worker = threading.Thread(target=scan)
    with transaction.atomic():
        Profile.objects.create(pk=150, username="first.seen.elsewhere")
        worker.start()
        worker.join(1)
        assert worker.is_alive()
    worker.join(30)
    assert isinstance(ended[0], ListScan)
    assert edges_of(account).people_count == 199
    assert Profile.objects.count() == 199
    assert set(borne()) <= set(stored())
