"""Filters of people under a name: kept as shown, for oneself or all members, and for nobody else."""

from __future__ import annotations

import pytest

from accounts.models import TrackedAccount
from scans import saved_filters
from scans.models import SavedFilter
from tests.people import Cast, cast
from tests.scans import listed

__all__ = ["cast"]
SHOWN = {"list": "following", "only": "new", "trait": "verified", "sort": "newest", "look": "table", "q": " Zoë  K "}


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    tracked = listed.account(cast.workspace)
    listed.scanned(tracked, listed.numbers(1, 31))
    return tracked


def keep(cast: Cast, account: TrackedAccount, who: str, name: str, **more: str) -> None:
    client = cast.client(getattr(cast, who))
    answer = client.post(f"/accounts/{account.pk}/people/filters/", {**SHOWN, "name": name, **more})
    assert answer.status_code in {302, 404}


def seen(cast: Cast, account: TrackedAccount, who: str) -> str:
    return str(cast.client(getattr(cast, who)).get(f"/accounts/{account.pk}/people/").content.decode())


def test_a_filter_is_kept_as_shown_and_leads_back_to_it(cast: Cast, account: TrackedAccount) -> None:
    keep(cast, account, "editor", "  New and   known ")
    kept = SavedFilter.objects.get()
    assert kept.name == "New and known"
    assert kept.query == "list=following&only=new&trait=verified&sort=newest&q=Zo%C3%AB+K&look=table"
    assert kept.query.replace("&", "&amp;") in seen(cast, account, "editor")


def test_members_see_what_is_shared_and_only_that(cast: Cast, account: TrackedAccount) -> None:
    keep(cast, account, "owner", "For myself")
    keep(cast, account, "owner", "For all", shared="1")
    page = seen(cast, account, "viewer")
    assert "For all" in page
    assert "For myself" not in page
    kept = SavedFilter.objects.get(name="For all")
    for who, status in ((cast.viewer, 403), (cast.editor, 404)):
        answer = cast.client(who).post(f"/accounts/{account.pk}/people/filters/{kept.pk}/remove/")
        assert answer.status_code == status
    cast.client(cast.owner).post(f"/accounts/{account.pk}/people/filters/{kept.pk}/remove/")
    assert not SavedFilter.objects.filter(name="For all").exists()


def test_the_same_name_replaces_ones_own(cast: Cast, account: TrackedAccount) -> None:
    keep(cast, account, "owner", "A")
    keep(cast, account, "owner", "A", q="other")
    keep(cast, account, "editor", "A")
    assert SavedFilter.objects.count() == 2
    assert "other" in SavedFilter.objects.get(created_by=cast.owner).query


def test_what_the_page_does_not_know_is_left_out() -> None:
    assert saved_filters.query_of({"list": "nobody", "sort": "x' or 1", "q": "\x00a", "csrf": "x"}) == "q=a"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_filter_needs_a_name(cast: Cast, account: TrackedAccount, name: str) -> None:
    keep(cast, account, "owner", name)
    assert not SavedFilter.objects.exists()


def test_nobody_keeps_more_than_fifty(cast: Cast, account: TrackedAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 2)
    for name in ("a", "b", "c"):
        keep(cast, account, "owner", name)
    assert set(SavedFilter.objects.values_list("name", flat=True)) == {"a", "b"}
