"""Bitmaps, overlaps and shares against Python's own sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Profile, TrackedAccount, Workspace
from igsite.jobs.models import Job
from scans import behaviour, bitmaps, overlaps
from scans.models import Direction, EdgeList, ListBitmap
from tests.scans import followed, listed

pytestmark = pytest.mark.django_db
lists = st.sets(st.integers(1, 40), max_size=30)


def people_of(list_id: int) -> set[int]:
    """Who is in a list's bitmap, by Instagram's number."""
    numbers = list(bitmaps.load([list_id]).get(list_id, ()))
    with connection.cursor() as cursor:
        cursor.execute("select id from accounts_profile where n = any(%s)", [numbers])
        return {pk for (pk,) in cursor.fetchall()}


def matrix_of(workspace: Workspace, accounts: list[TrackedAccount]) -> overlaps.Matrix:
    return overlaps.matrix(workspace, Direction.FOLLOWERS, accounts)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=st.lists(lists, min_size=2, max_size=4))
def test_a_matrix_is_what_sets_say(shown: list[set[int]]) -> None:
    workspace = Workspace.objects.create(name="Sets")
    accounts = [listed.account(workspace) for _each in shown]
    for tracked, people in zip(accounts, shown, strict=True):
        followed.scan(tracked, followers=people)
    found = matrix_of(workspace, accounts)
    for i, row in enumerate(found.rows):
        for j, cell in enumerate(row.cells):
            one, other = shown[i], shown[j]
            if i == j or not one or not other:  # a scan that shows nobody may not be believed and is not stored
                continue
            assert cell is not None
            assert cell.shared == len(one & other)
            assert cell.jaccard == pytest.approx(len(one & other) / len(one | other))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(lists.filter(bool), min_size=1, max_size=4))
def test_a_bitmap_follows_each_scan(history: list[set[int]]) -> None:
    tracked = listed.account()
    for people in history:
        followed.scan(tracked, followers=people)
        edges = listed.edges(tracked)
        assert people_of(edges.pk) == people
        kept = ListBitmap.objects.get(pk=edges.pk)
        assert (kept.seq, kept.people_count) == (edges.last_seq, len(people))


def test_figures_tell_the_private_and_the_verified_from_those_nobody_knows_of() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 31))
    kept = ListBitmap.objects.get(edge_list=listed.edges(tracked))
    assert (kept.private_count, kept.private_known) == (15, 30)
    assert (kept.verified_count, kept.verified_known) == (4, 20)  # 5, 10, 20 and 25 of those not divisible by 3


def test_a_scan_orders_its_figures_once_and_an_unchanged_list_none() -> None:
    tracked = listed.account()
    listed.scanned(tracked, listed.numbers(1, 5))
    listed.scanned(tracked, listed.numbers(1, 6))
    assert Job.objects.filter(kind=bitmaps.FIGURES_JOB, workspace=tracked.workspace).count() == 1
    followed.work_out()
    assert not bitmaps.stale(EdgeList.objects.filter(account=tracked)).exists()
    assert not bitmaps.order_missing(tracked.workspace, [tracked.pk])


def test_what_was_scanned_before_there_were_figures_is_ordered_when_a_page_needs_it() -> None:
    tracked = listed.account()
    listed.scanned(tracked, listed.numbers(1, 5))
    Job.objects.all().delete()
    assert matrix_of(tracked.workspace, [tracked]).is_behind
    assert bitmaps.order_missing(tracked.workspace, [tracked.pk])
    followed.work_out()
    found = matrix_of(tracked.workspace, [tracked])
    assert not found.is_behind
    assert found.members[0].size == 4


def test_an_older_bitmap_never_replaces_a_newer_one() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 5))
    edges = listed.edges(tracked)
    old = ListBitmap.objects.get(pk=edges.pk)
    followed.scan(tracked, followers=range(1, 9))
    bitmaps.store(old)
    assert people_of(edges.pk) == set(range(1, 9))


def test_a_list_that_changed_between_scans_is_worked_out_anew() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 9))
    edges = listed.edges(tracked)
    with connection.cursor() as cursor:
        cursor.execute("delete from edge_current where list_id = %s and profile_id = 8", [edges.pk])
    EdgeList.objects.filter(pk=edges.pk).update(people_count=7)
    assert bitmaps.order_missing(tracked.workspace, [tracked.pk])
    followed.work_out()
    assert people_of(edges.pk) == set(range(1, 8))
    assert not bitmaps.stale(EdgeList.objects.filter(pk=edges.pk)).exists()


def test_a_count_that_is_wrong_does_not_keep_the_job_going() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 9))
    EdgeList.objects.filter(account=tracked).update(people_count=99)
    assert bitmaps.order_missing(tracked.workspace, [tracked.pk])
    followed.work_out()
    assert not Job.objects.open().filter(kind=bitmaps.FIGURES_JOB).exists()


def test_figures_of_a_list_that_went_are_not_kept() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 5))
    edges = listed.edges(tracked)
    bitmap = bitmaps.build(edges.pk, now=listed.START)
    assert bitmap is not None
    tracked.delete()
    bitmaps.store(bitmap)
    assert not ListBitmap.objects.filter(pk=edges.pk).exists()
    assert bitmaps.build(edges.pk, now=listed.START) is None


def test_people_have_a_dense_number_whoever_stored_them() -> None:
    tracked = listed.account()
    Profile.objects.create(pk=900, username="by.the.orm")
    followed.scan(tracked, followers=range(1, 50))
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct n), max(n) - min(n) from accounts_profile")
        count, different, spread = cursor.fetchone()
    assert count == different == 50
    assert spread < 100


def test_a_matrix_holds_only_accounts_of_the_workspace() -> None:
    ours, theirs = listed.account(), listed.account()
    followed.scan(ours, followers=range(1, 9))
    followed.scan(theirs, followers=range(1, 9))
    assert overlaps.candidates(ours.workspace, Direction.FOLLOWERS) == [ours]
    found = matrix_of(ours.workspace, [ours, theirs])
    assert found.rows[0].cells == [None, None]
    assert found.members[1].size is None
    assert found.members[1].reading.latest is None


def test_shares_are_what_sets_say() -> None:
    tracked = listed.account()
    followers, following = set(range(1, 31)), set(range(20, 61))
    followed.scan(tracked, followers=followers, following=following)
    (told,) = behaviour.behaviours(tracked.workspace, [tracked])
    parts = [(share.part, share.whole) for share in told.shares]
    private = {pk for pk in following if pk % 2 == 0}
    known = {pk for pk in following if pk % 3}
    verified = {pk for pk in known if pk % 5 == 0}
    assert parts == [
        (len(following - followers), len(following)),
        (len(followers - following), len(followers)),
        (len(followers & following), len(followers | following)),
        (len(verified), len(known)),
        (len(private), len(following)),
    ]
    assert told.is_drawable
    assert [reading.is_whole for reading in told.readings] == [True, True]


def test_no_share_is_made_up_for_a_list_that_was_never_read() -> None:
    tracked = listed.account()
    followed.scan(tracked, followers=range(1, 9))
    (told,) = behaviour.behaviours(tracked.workspace, [tracked])
    assert not told.is_drawable
    assert {share.percent for share in told.shares} == {None}
    assert told.readings[1].latest is None


def test_shares_of_another_workspace_are_unknown() -> None:
    ours, theirs = listed.account(), listed.account()
    followed.scan(theirs, followers=range(1, 9), following=range(1, 9))
    (told,) = behaviour.behaviours(ours.workspace, [theirs])
    assert {share.percent for share in told.shares} == {None}


def test_an_account_that_follows_nobody_has_no_share_of_nobody() -> None:
    assert behaviour.Share(0, 0).percent is None
    assert behaviour.Share(0, 8).percent == 0.0


@pytest.mark.parametrize("most", [1, 4])
def test_queries_do_not_grow_with_the_accounts(most: int, django_assert_num_queries: Callable[[int], Any]) -> None:
    workspace = Workspace.objects.create(name="Many")
    accounts = [listed.account(workspace) for _each in range(most)]
    for tracked in accounts:
        followed.scan(tracked, followers=range(1, 9), following=range(4, 12))
    with django_assert_num_queries(4):
        matrix_of(workspace, accounts)
    with django_assert_num_queries(3):
        behaviour.behaviours(workspace, accounts[:3])
