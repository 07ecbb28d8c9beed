"""The page of tracked accounts, through Django's client."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Profile, TrackedAccount
from tests.people import Cast

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def fill(cast: Cast, count: int) -> None:
    profiles = Profile.objects.bulk_create(
        Profile(pk=number, username=f"account.{number:04}", full_name=f"<b>Person {number}</b>")
        for number in range(1, count + 1)
    )
    TrackedAccount.objects.bulk_create(
        TrackedAccount(workspace=cast.workspace, username=profile.username, profile=profile, followers_count=5)
        for profile in profiles
    )


def test_an_account_is_tracked_from_what_was_pasted(cast: Cast) -> None:
    client = cast.client(cast.editor)
    answer = client.post(reverse("accounts:list"), {"account": "https://instagram.com/Aurora.Studio/?igsh=1"})
    assert answer.status_code == 302
    assert TrackedAccount.objects.get().username == "aurora.studio"
    assert b"@aurora.studio" in client.get(reverse("accounts:list")).content


def test_the_address_of_a_post_is_refused_at_the_field(cast: Cast) -> None:
    answer = cast.client(cast.editor).post(reverse("accounts:list"), {"account": "https://instagram.com/p/C1abc/"})
    assert answer.status_code == 422
    assert b"address of a post" in answer.content
    assert not TrackedAccount.objects.exists()


def test_a_viewer_reads_and_changes_nothing(cast: Cast) -> None:
    fill(cast, 1)
    account = TrackedAccount.objects.get()
    client = cast.client(cast.viewer)
    page = client.get(reverse("accounts:list")).content.decode()
    assert "@account.0001" in page
    assert reverse("accounts:delete", args=[account.pk]) not in page
    assert client.post(reverse("accounts:list"), {"account": "x"}).status_code == 403
    for name in ("bookmark", "refresh", "delete"):
        assert client.post(reverse(f"accounts:{name}", args=[account.pk])).status_code == 403


def test_names_of_others_are_text(cast: Cast) -> None:
    fill(cast, 1)
    page = cast.client(cast.viewer).get(reverse("accounts:list")).content.decode()
    assert "&lt;b&gt;Person 1" in page
    assert "<b>Person" not in page


def test_the_list_is_paged_by_key_and_shows_each_once(cast: Cast) -> None:
    fill(cast, 120)
    client, seen, address = cast.client(cast.viewer), [], reverse("accounts:list")
    parts = 0
    cursor = ""
    while True:
        page = client.get(address, {"cursor": cursor}, headers={**HTMX, "HX-Target": "more-rows"})
        parts += 1
        seen += [account.username for account in page.context["page"].items]
        assert b"<html" not in page.content
        cursor = page.context["page"].next
        if not cursor:
            break
    assert parts == 3
    assert seen == [f"account.{number:04}" for number in range(1, 121)]


def test_search_finds_a_part_of_the_name(cast: Cast) -> None:
    fill(cast, 60)
    client = cast.client(cast.viewer)
    found = client.get(reverse("accounts:list"), {"q": "@T.0042"}).context["page"].items
    assert [account.username for account in found] == ["account.0042"]
    assert b"Nothing fits" in client.get(reverse("accounts:list"), {"q": "%"}).content


def test_bookmarks_are_set_and_filtered(cast: Cast) -> None:
    fill(cast, 3)
    account = TrackedAccount.objects.get(username="account.0002")
    client = cast.client(cast.editor)
    address = reverse("accounts:bookmark", args=[account.pk])
    row = client.post(address, {"on": "1"}, headers=HTMX)
    assert row.status_code == 200
    assert b'aria-pressed="true"' in row.content
    found = client.get(reverse("accounts:list"), {"bookmarked": "1"}).context["page"].items
    assert [one.username for one in found] == ["account.0002"]
    assert client.post(address, {"on": "0"}).status_code == 302
    assert not TrackedAccount.objects.filter(is_bookmarked=True).exists()


def test_delete_asks_first(cast: Cast) -> None:
    fill(cast, 1)
    account = TrackedAccount.objects.get()
    client = cast.client(cast.editor)
    address = reverse("accounts:delete", args=[account.pk])
    assert client.get(address).status_code == 200
    assert TrackedAccount.objects.exists()
    assert client.post(address).status_code == 302
    assert not TrackedAccount.objects.exists()


def test_a_stranger_finds_nothing(cast: Cast) -> None:
    fill(cast, 1)
    account = TrackedAccount.objects.get()
    client = cast.client(cast.stranger)
    assert b"account.0001" not in client.get(reverse("accounts:list")).content
    for name in ("bookmark", "refresh", "delete"):
        assert client.post(reverse(f"accounts:{name}", args=[account.pk])).status_code == 404
    assert TrackedAccount.objects.exists()


@pytest.mark.parametrize("rows", [2, 49])
def test_the_list_costs_the_same_however_long_it_is(
    cast: Cast, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = cast.client(cast.viewer)
    fill(cast, rows)
    client.get(reverse("accounts:list"))
    with django_assert_num_queries(13) as seen:
        client.get(reverse("accounts:list"))
    assert sum('"accounts_trackedaccount"' in query["sql"] for query in seen.captured_queries) == 1


def test_looking_up_without_a_login_says_what_to_do(cast: Cast) -> None:
    fill(cast, 1)
    client = cast.client(cast.editor)
    answer = client.post(reverse("accounts:refresh", args=[TrackedAccount.objects.get().pk]), follow=True)
    assert b"No Instagram login is ready" in answer.content
