"""Tags and what is done to several accounts at once: for one's own accounts only, all or nothing, and audited."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts import tagging, tracking
from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from igsite.models import AuditEntry
from scans.models import Scan
from tests.people import Cast

pytestmark = pytest.mark.django_db


def tracked(cast: Cast, *names: str) -> list[TrackedAccount]:
    return [
        tracking.track(workspace=cast.workspace, account=name, by=cast.editor, now=timezone.now()) for name in names
    ]


def act(cast: Cast, accounts: list[TrackedAccount], who: str = "editor", **form: str) -> Any:
    client = cast.client(getattr(cast, who))
    return client.post("/accounts/selected/", {"account": [str(one.pk) for one in accounts], **form})


def tags(accounts: list[TrackedAccount]) -> list[list[str]]:
    return [TrackedAccount.objects.get(pk=one.pk).tags for one in accounts]


def test_a_tag_is_set_once_for_all_and_taken_off_again(cast: Cast) -> None:
    two = tracked(cast, "one", "two")
    assert act(cast, two, act="tag", tag="  #Key   clients ").headers["Location"] == "/accounts/"
    act(cast, two[:1], act="tag", tag="Key clients")
    act(cast, two[:1], act="tag", tag="cafés")
    assert tags(two) == [["cafés", "Key clients"], ["Key clients"]]
    assert tagging.tags_of(cast.workspace) == ["cafés", "Key clients"]
    act(cast, two, act="untag", tag="Key clients")
    assert tags(two) == [["cafés"], []]
    assert AuditEntry.objects.filter(action="account.tagged").count() == 2


@pytest.mark.parametrize("tag", ["", "   ", "a,b", "x" * 31])
def test_what_is_no_tag_is_refused_and_changes_nothing(cast: Cast, tag: str) -> None:
    one = tracked(cast, "one")
    page = act(cast, one, act="tag", tag=tag)
    assert page.status_code == 302
    assert tags(one) == [[]]


def test_an_account_has_at_most_twelve_tags_and_then_none_of_all_is_changed(cast: Cast) -> None:
    full, free = tracked(cast, "full", "free")
    for number in range(tagging.MOST_EACH):
        tagging.add(workspace=cast.workspace, ids=[full.pk], tag=f"t{number}", by=cast.editor)
    with pytest.raises(tagging.InvalidTag):
        tagging.add(workspace=cast.workspace, ids=[full.pk, free.pk], tag="more", by=cast.editor)
    assert tags([free]) == [[]]


def test_the_list_is_narrowed_to_a_tag(cast: Cast) -> None:
    one, _two = tracked(cast, "one", "two")
    act(cast, [one], act="tag", tag="key")
    page = cast.client(cast.viewer).get("/accounts/", {"tag": "key"}).content.decode()
    assert "@one" in page
    assert "@two" not in page


@pytest.mark.parametrize("who", ["viewer", "stranger"])
@pytest.mark.parametrize("name", ["tag", "bookmark", "scan", "delete"])
def test_who_may_not_change_them_changes_nothing(cast: Cast, who: str, name: str) -> None:
    one = tracked(cast, "one")
    act(cast, one, who, act=name, tag="key", sure="yes")
    account = TrackedAccount.objects.get()
    assert (account.tags, account.is_bookmarked) == ([], False)
    assert not Scan.objects.exists()


def test_several_are_bookmarked_and_back(cast: Cast) -> None:
    two = tracked(cast, "one", "two")
    for name, expected in (("bookmark", 2), ("unbookmark", 0)):
        act(cast, two, act=name)
        assert TrackedAccount.objects.filter(is_bookmarked=True).count() == expected


def test_several_are_scanned_and_one_that_runs_is_told(cast: Cast) -> None:
    InstagramLogin.objects.create(
        workspace=cast.workspace, username="reader", status=LoginStatus.READY, ready_since=timezone.now()
    )
    two = tracked(cast, "one", "two")
    act(cast, two[:1], act="scan")
    act(cast, two, act="scan")
    assert {scan.account.username for scan in Scan.objects.all()} == {"one", "two"}
    assert Scan.objects.count() == 2


def test_deleting_asks_first_and_names_them(cast: Cast) -> None:
    two = tracked(cast, "one", "two")
    asked = act(cast, two, act="delete").content.decode()
    assert "@one" in asked
    assert "@two" in asked
    assert TrackedAccount.objects.count() == 2
    act(cast, two, act="delete", sure="yes")
    assert not TrackedAccount.objects.exists()


@pytest.mark.parametrize("ids", [[], ["nonsense"], ["00000000-0000-0000-0000-000000000000"]])
def test_nothing_ticked_is_told(cast: Cast, ids: list[str]) -> None:
    client = cast.client(cast.editor)
    page = client.post("/accounts/selected/", {"account": ids, "act": "delete", "sure": "yes"}, follow=True)
    assert b"Tick at least one account" in page.content
