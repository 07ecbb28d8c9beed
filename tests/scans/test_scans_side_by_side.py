"""Two workspaces scan overlapping lists at once, again and again: nobody waits in a circle, nothing is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accounts.gateway.results import Person
from accounts.models import Profile, TrackedAccount
from scans import people, search_text
from scans.models import EdgeList
from scans.people import PeopleList
from tests.scans import listed

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 25
SHARED = 300


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select pg_stat_force_next_flush()")
        cursor.execute("select deadlocks from pg_stat_database where datname = current_database()")
        return int(cursor.fetchone()[0])


def crowd(draw: random.Random, turn: int) -> list[Person]:
    """The same people for everybody, in an order of one's own; some renamed, some gone, some new."""
    numbers = [number for number in range(1, SHARED + turn) if number % 10 != turn % 10]
    draw.shuffle(numbers)
    return [
        listed.person(number, f"person{number}" + (f".{turn}" if number % 7 == turn % 7 else "")) for number in numbers
    ]


def side_by_side(*works: Callable[[], None]) -> list[Exception]:
    """Runs them in threads, each on a connection of its own, from the same moment on. Returns what they raised."""
    gate, raised = threading.Barrier(len(works)), []

    def run(work: Callable[[], None]) -> None:
        try:
            gate.wait(20)
            work()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert not any(thread.is_alive() for thread in threads)
    return raised


def scan_often(account: TrackedAccount, seed: int) -> None:
    draw = random.Random(seed)
    for turn in range(ROUNDS):
        listed.scanned(account, crowd(draw, turn))


def fill_often(accounts: list[TrackedAccount]) -> None:
    for _turn in range(ROUNDS):
        for edges in EdgeList.objects.filter(account__in=accounts, last_seq__gt=0):
            place: search_text.Place | None = search_text.start(edges)
            while place is not None:
                last = place
                with transaction.atomic():
                    search_text.lock()
                    search_text.renew(50)
                    place = search_text.fill(last, 50)
            search_text.finish(last)


def test_two_workspaces_with_overlapping_lists_never_wait_in_a_circle() -> None:
    one, other = listed.account(), listed.account()
    before = deadlocks()
    raised = side_by_side(lambda: scan_often(one, 1), lambda: scan_often(other, 2), lambda: fill_often([one, other]))
    assert raised == []
    assert deadlocks() == before
    expected = {person.pk for person in crowd(random.Random(1), ROUNDS - 1)}
    for account in (one, other):
        page = people.people(account, PeopleList.FOLLOWERS, limit=1_000)
        assert {row.profile_id for row in page.items} == expected


def test_search_text_is_right_however_renames_and_filling_met() -> None:
    one, other = listed.account(), listed.account()
    side_by_side(lambda: scan_often(one, 3), lambda: scan_often(other, 4), lambda: fill_often([one, other]))
    while search_text.renew():
        pass
    fill_often([one, other])
    with connection.cursor() as cursor:
        cursor.execute("select profile_id, coalesce(text, key) from profile_search order by profile_id")
        found = dict(cursor.fetchall())
    wanted = {pk: f"{name}\nperson {pk}" for pk, name in Profile.objects.values_list("pk", "username")}
    assert found == wanted
