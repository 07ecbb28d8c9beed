"""The merge: shared facts of people, several lists at once, and what it writes when nothing changed."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from accounts.gateway.results import Person
from accounts.models import Profile, Workspace
from scans.models import ChangeKind
from tests.scans import listed
from tests.scans.scanner import changed, changes, edges_of


@pytest.mark.django_db
def test_a_rename_seen_by_another_workspace_first_is_still_told_with_the_old_name() -> None:
    one, other = listed.account(), listed.account()
    for account in (one, other):
        listed.scanned(account, [listed.person(1, "old.name"), listed.person(2)])
    listed.scanned(one, [listed.person(1, "new.name"), listed.person(2)])
    listed.scanned(other, [listed.person(1, "new.name"), listed.person(2)])
    for account in (one, other):
        (change,) = changes(edges_of(account), ChangeKind.RENAMED, 1, 2)
        assert (change.old_name, change.new_name) == ("old.name", "new.name")


@pytest.mark.django_db
def test_a_recycled_name_is_another_person() -> None:
    account = listed.account()
    listed.scanned(account, [listed.person(1, "shared"), listed.person(2)])
    listed.scanned(account, [listed.person(1, "moved.on"), listed.person(2), listed.person(3, "shared")])
    edges = edges_of(account)
    assert changed(edges, ChangeKind.NEW, 1, 2) == [3]
    assert changed(edges, ChangeKind.LOST, 1, 2) == []
    (renamed,) = changes(edges, ChangeKind.RENAMED, 1, 2)
    assert (renamed.person.profile_id, renamed.old_name, renamed.new_name) == (1, "shared", "moved.on")


@pytest.mark.django_db
def test_pictures_are_compared_by_path_since_signed_addresses_change_at_every_fetch() -> None:
    account = listed.account()
    for signature in ("oh=1", "oh=2"):
        url = f"https://scontent-a.cdninstagram.com/v/t51/1_n.jpg?{signature}&oe=9"
        listed.scanned(account, [Person(pk=1, username="somebody", picture_url=url)])
    assert Profile.objects.get(pk=1).picture_path == "/v/t51/1_n.jpg"
    with connection.cursor() as cursor:
        cursor.execute("select xmin::text, first_seq from edge_current where list_id = %s", [edges_of(account).pk])
        first = cursor.fetchone()
        listed.scanned(account, [Person(pk=1, username="somebody", picture_url="https://b/v/t51/1_n.jpg?x=3")])
        cursor.execute("select xmin::text, first_seq from edge_current where list_id = %s", [edges_of(account).pk])
        assert cursor.fetchone() == first


@pytest.mark.django_db
def test_what_a_source_does_not_show_stays_as_it_was_known() -> None:
    account = listed.account()
    full = Person(1, "somebody", "Some Body", is_private=True, is_verified=False, picture_url="https://a/p.jpg")
    listed.scanned(account, [full])
    listed.scanned(account, [Person(1, "somebody", "Some Body")])
    profile = Profile.objects.get(pk=1)
    assert (profile.is_private, profile.is_verified, profile.picture_path) == (True, False, "/p.jpg")


@pytest.mark.django_db(transaction=True)
def test_workspaces_that_scan_the_same_people_at_once_never_deadlock() -> None:
    accounts = [listed.account(Workspace.objects.create(name=f"w{n}")) for n in range(4)]
    failures: list[BaseException] = []
    barrier = threading.Barrier(len(accounts))

    def scan(number: int) -> None:
        try:
            for turn in range(4):
                barrier.wait(30)
                people = [listed.person(pk, f"p{pk}.{turn}.{number}") for pk in range(1, 300)]
                shuffled = people[number * 70 :] + people[: number * 70]
                listed.scanned(accounts[number], shuffled)
        except BaseException as error:
            failures.append(error)
            barrier.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=scan, args=(number,)) for number in range(len(accounts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert all(edges_of(account).people_count == 299 for account in accounts)
