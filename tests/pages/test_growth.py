"""The dashboard's five accounts that grew most: by complete scans, of the workspace, of the last days only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TrackedAccount
from scans import overview_figures
from scans.models import ListScan
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]


def grown(cast: Cast, first: int, then: int) -> TrackedAccount:
    """An account with ``first`` followers in one scan and ``then`` in the next, both of today."""
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 1 + first))
    listed.scanned(tracked, listed.numbers(1, 1 + then))
    ListScan.objects.filter(edge_list__account=tracked).update(finished_at=timezone.now())
    return tracked


def test_whoever_gained_most_comes_first_with_the_line_of_totals(cast: Cast) -> None:
    slow, fast, down = grown(cast, 50, 55), grown(cast, 50, 90), grown(cast, 60, 55)
    found = overview_figures.growing(cast.workspace, timezone.now())
    assert [(one.account, one.net) for one in found] == [(fast, 40), (slow, 5), (down, -5)]
    assert found[0].line == [50, 90]
    page = cast.client(cast.viewer).get("/").content.decode()
    assert page.index(fast.username) < page.rindex(down.username)


def test_strangers_accounts_and_old_scans_do_not_count(cast: Cast) -> None:
    grown(cast, 50, 55)
    assert overview_figures.growing(cast.elsewhere, timezone.now()) == []
    assert overview_figures.growing(cast.workspace, timezone.now() + timedelta(days=31)) == []


@pytest.mark.parametrize("accounts", [1, 7])
def test_the_figures_take_three_queries_however_many_accounts(
    cast: Cast, accounts: int, django_assert_num_queries: object
) -> None:
    for more in range(accounts):
        grown(cast, 10, 11 + more)
    with django_assert_num_queries(3):  # type: ignore[operator]
        assert len(overview_figures.growing(cast.workspace, timezone.now())) == min(accounts, 5)


def test_each_account_in_the_list_has_its_line_of_totals(cast: Cast) -> None:
    first, second = grown(cast, 50, 90), listed.account(cast.workspace)
    assert overview_figures.follower_lines([first, second]) == {first.pk: [50, 90], second.pk: []}
    client = cast.client(cast.editor)
    assert client.get("/accounts/").content.decode().count('class="spark"') == 1
    alone = client.post(f"/accounts/{first.pk}/bookmark/", {"on": "1"}, headers={"HX-Request": "true"})
    assert 'class="spark"' in alone.content.decode(), "a row that comes alone has it too"
