"""The people of a running scan: each once, as first seen, whatever pages repeat."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from accounts.gateway.results import Person
from scans import staging
from tests.scans.listed import person

pytestmark = pytest.mark.django_db
LIST = 987_654


def test_whom_a_later_page_repeats_is_staged_once_as_first_seen() -> None:
    staging.create(LIST)
    with transaction.atomic():
        assert staging.add(LIST, [person(1), person(2, "before"), person(2, "twice")]) == 2
        assert staging.add(LIST, [person(2, "after"), person(3), person(3)]) == 1
        assert staging.add(LIST, [person(1), person(3)]) == 0
        assert staging.add(LIST, []) == 0
    assert staging.count(LIST) == 3
    with connection.cursor() as cursor:
        cursor.execute(f"select pk, username from {staging.table(LIST)} order by pk")  # noqa: S608
        assert cursor.fetchall() == [(1, "person1"), (2, "before"), (3, "person3")]


@pytest.mark.parametrize("text", ["\\N", "\\", "a\tb", "a\nb", "a\rb", "\\.", "\tx", "Ñ 李 👩🏽", "'\",", "\\x41", ""])
def test_whatever_a_name_holds_is_staged_as_it_is(text: str) -> None:
    staging.create(LIST)
    hostile = Person(5, "plain", text, is_private=None, is_verified=False, picture_url=f"https://host/{text}/a.jpg")
    assert staging.add(LIST, [person(4), hostile, person(6)]) == 3
    staging.add_names(LIST, [(7, f"n{text}")])
    with connection.cursor() as cursor:
        told = "username, full_name, picture_path, is_private, is_verified, fp is null"
        cursor.execute(f"select {told} from {staging.table(LIST)} where pk in (5, 7) order by pk")  # noqa: S608
        assert cursor.fetchall() == [
            ("plain", text, f"/{text}/a.jpg", None, False, False), (f"n{text}", "", "", None, None, True),
        ]  # fmt: skip
    assert staging.count(LIST) == 4


def test_settling_within_a_transaction_is_left_for_another_time() -> None:
    staging.create(LIST)
    staging.add(LIST, [person(1)])
    staging.settle(LIST, 1_000_000)
    assert staging.count(LIST) == 1
