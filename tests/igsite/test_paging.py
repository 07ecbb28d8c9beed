"""Keyset paging: every row once, whatever its sort values; cursors cannot be made up or moved."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from igsite.models import AuditEntry
from igsite.paging import BadCursor, open_cursor, page_of, seal_cursor, within

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def entries(minutes: list[int]) -> list[AuditEntry]:
    rows = [AuditEntry(action=str(minute), at=START + dt.timedelta(minutes=minute)) for minute in minutes]
    return AuditEntry.objects.bulk_create(rows)


def walk(order: tuple[str, ...], limit: int) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    cursor = ""
    while True:
        page = page_of(AuditEntry.objects.all(), name="all", order=order, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if not cursor:
            return found


class WalkTest(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(minutes=st.lists(st.integers(0, 5), max_size=25), limit=st.integers(1, 9), down=st.booleans())
    def test_walking_the_pages_shows_every_row_once_in_order(self, minutes: list[int], limit: int, down: bool) -> None:
        AuditEntry.objects.all().delete()
        rows = entries(minutes)
        order = ("-at", "-id") if down else ("at", "id")
        wanted = sorted(rows, key=lambda row: (row.at, row.pk), reverse=down)
        assert [row.pk for row in walk(order, limit)] == [row.pk for row in wanted]


@pytest.mark.django_db
def test_a_row_added_before_the_cursor_moves_nothing() -> None:
    entries([1, 2, 3, 4])
    first = page_of(AuditEntry.objects.all(), name="all", order=("-at", "-id"), limit=2)
    entries([9])
    second = page_of(AuditEntry.objects.all(), name="all", order=("-at", "-id"), limit=2, cursor=first.next)
    assert [row.action for row in second.items] == ["2", "1"]
    assert second.next == ""


@pytest.mark.django_db
def test_the_condition_is_one_row_comparison() -> None:
    entries([1, 2, 3])
    first = page_of(AuditEntry.objects.all(), name="all", order=("at", "id"), limit=1)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(AuditEntry.objects.all(), name="all", order=("at", "id"), limit=1, cursor=first.next)
    assert len(queries) == 1
    assert '("igsite_auditentry"."at", "igsite_auditentry"."id") > (' in queries[0]["sql"]


@pytest.mark.django_db
def test_a_cursor_is_of_its_own_list_and_cannot_be_made_up() -> None:
    entries([1, 2, 3])
    cursor = page_of(AuditEntry.objects.all(), name="mine", order=("at", "id"), limit=1).next
    for name, wrong in (
        ("theirs", cursor),
        ("mine", cursor[:-2] + "xx"),
        ("mine", "e30"),
        ("mine", "\x00"),
        ("mine", "é"),
    ):
        with pytest.raises(BadCursor):
            page_of(AuditEntry.objects.all(), name=name, order=("at", "id"), cursor=wrong)
    for values in ([], [1], ["not a time", "not a uuid"], [timezone.now(), None]):
        with pytest.raises(BadCursor):
            page_of(AuditEntry.objects.all(), name="mine", order=("at", "id"), cursor=seal_cursor("mine", values))


def test_an_order_of_two_directions_is_refused() -> None:
    with pytest.raises(ValueError, match="one way"):
        page_of(AuditEntry.objects.all(), name="all", order=("at", "-id"))


def test_values_come_back_as_they_went_in() -> None:
    assert open_cursor("x", seal_cursor("x", ["é‮", 2**60, True, None])) == ["é‮", 2**60, True, None]


@pytest.mark.parametrize(
    ("wanted", "got"), [(None, 50), ("", 50), ("x", 50), ("-5", 1), (0, 1), (200, 200), ("99999", 200)]
)
def test_a_page_size_is_kept_within_its_bounds(wanted: str | int | None, got: int) -> None:
    assert within(wanted, most=200) == got
