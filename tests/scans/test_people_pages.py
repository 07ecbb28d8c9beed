"""The page and the API of people: filters, counts on demand, and queries that do not grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Membership, TrackedAccount, User, Workspace
from igsite.ownership import Role
from scans import names, people
from scans.models import Direction
from tests.scans import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracked() -> TrackedAccount:
    account = listed.account(Workspace.objects.create(name="Studio"))
    crowd = [listed.person(n, is_verified=n % 2 == 0) for n in range(1, 30)]
    listed.scanned(account, crowd)
    listed.scanned(account, [*crowd[1:], listed.person(99, "newcomer")])
    listed.scanned(account, crowd[:5], direction=Direction.FOLLOWING)
    return account


@pytest.fixture
def browser(tracked: TrackedAccount) -> Client:
    user = User.objects.create_user("ada@example.org")
    Membership.objects.create(workspace=tracked.workspace, user=user, role=Role.OWNER)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(client: Client, account: TrackedAccount, query: str, **headers: str) -> str:
    answer = client.get(f"/accounts/{account.pk}/people/?{query}", headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_shows_who_was_chosen(browser: Client, tracked: TrackedAccount) -> None:
    assert "newcomer" in text(browser, tracked, "only=new")
    assert "person3<" not in text(browser, tracked, "only=new")
    lost = text(browser, tracked, "only=lost")
    assert "person1<" in lost
    assert "person2<" not in lost
    verified = text(browser, tracked, "trait=verified&sort=name_down")
    assert "person2<" in verified
    assert "person3<" not in verified
    assert "Nobody matches" in text(browser, tracked, "trait=business")


def test_losses_are_offered_for_lists_that_are_read_only(browser: Client, tracked: TrackedAccount) -> None:
    assert 'value="lost"' in text(browser, tracked, "list=following")
    fans = text(browser, tracked, "list=fans&only=lost")
    assert 'value="lost"' not in fans
    assert "person7<" in fans


def test_the_page_says_when_a_long_list_cannot_be_sorted_by_name_yet(
    browser: Client, tracked: TrackedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "their names are still being sorted"
    assert said not in text(browser, tracked, "list=followers&sort=name")
    monkeypatch.setattr(people, "SHORT", 0)
    with connection.cursor() as cursor:
        cursor.execute("insert into profile_names_due (first_n, last_n) values (1, 2)")
    assert said in text(browser, tracked, "list=followers&sort=name")
    assert said not in text(browser, tracked, "list=followers&sort=oldest")
    asked = f"/api/v1/scans/of/{tracked.pk}/people/followers?sort="
    assert [browser.get(asked + sort).json()["sort"] for sort in ("name", "oldest")] == ["newest", "oldest"]
    names.fill()
    assert said not in text(browser, tracked, "list=followers&sort=name")


def test_how_many_were_found_is_counted_only_when_asked(
    browser: Client, tracked: TrackedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    hx = {"HX-Request": "true", "HX-Target": "people-count"}
    assert 'id="people-count"' not in text(browser, tracked, "")
    assert 'hx-trigger="load"' in text(browser, tracked, "trait=verified")
    assert "14 people" in text(browser, tracked, "trait=verified", **hx)
    assert "1 person" in text(browser, tracked, "q=newcomer", **hx)
    monkeypatch.setattr(people, "COUNT_CAP", 10)
    assert "10+ people" in text(browser, tracked, "trait=verified", **hx)


def test_the_api_narrows_and_counts(browser: Client, tracked: TrackedAccount) -> None:
    path = f"/api/v1/scans/of/{tracked.pk}/people"
    found = browser.get(f"{path}/followers?trait=verified&trait=public&only=new").json()
    assert found["items"] == []
    new = browser.get(f"{path}/followers?only=new&sort=youngest_account").json()
    assert [one["username"] for one in new["items"]] == ["newcomer"]
    assert browser.get(f"{path}/followers/count?trait=verified").json() == {"at_least": 14, "is_exact": True}
    refused = browser.get(f"{path}/fans?only=lost")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "no_losses")
    assert browser.get(f"{path}/followers?only=tall").status_code == 422


@pytest.mark.parametrize("query", ["", "list=fans", "only=new", "only=lost", "trait=private", "q=person"])
def test_a_page_of_many_costs_the_queries_of_a_page_of_few(
    query: str, browser: Client, tracked: TrackedAccount, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    text(browser, tracked, query)
    with django_assert_max_num_queries(100) as few:
        text(browser, tracked, query)
        cost = len(few)
    listed.scanned(tracked, listed.numbers(2, 200))
    listed.scanned(tracked, listed.numbers(60, 400))
    listed.scanned(tracked, listed.numbers(60, 300), direction=Direction.FOLLOWING)
    text(browser, tracked, query)
    with django_assert_max_num_queries(cost):
        text(browser, tracked, query)
