"""Posts of a followed profile: found, followed, measured from one read, thinner with age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.gateway.results import Post
from accounts.models import Workspace
from monitoring import found_posts
from monitoring.models import Monitor, MonitorKind
from monitoring.signals import post_found
from tests.monitoring.measured import NOW, monitor
from tests.monitoring.watcher import Watcher, rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUSY = "la.cocina.verde"


@pytest.fixture
def heard() -> Any:
    said: list[str] = []

    def listen(monitor: Monitor, **_more: Any) -> None:
        said.append(monitor.code)

    post_found.connect(listen)
    yield said
    post_found.disconnect(listen)


@pytest.fixture
def followed(db: None) -> Monitor:
    """A profile whose posts are followed."""
    profile = monitor(Workspace.objects.create(name="Studio"))
    Monitor.objects.filter(pk=profile.pk).update(follows_posts=True)
    return profile


def posts() -> list[Monitor]:
    return list(Monitor.objects.filter(kind=MonitorKind.POST).order_by("-posted_at"))


def test_the_young_posts_are_followed_and_measured_by_one_read_and_are_no_news(
    watcher: Watcher, heard: list[str]
) -> None:
    profile = watcher.watch(f"@{BUSY}", follows_posts=True)
    watcher.work()
    found = posts()
    assert found
    assert heard == []
    assert {one.parent_id for one in found} == {profile.pk}
    for one in found:
        assert one.is_thinning
        assert one.posted_at is not None
        assert watcher.now() - one.posted_at <= timedelta(days=30)
        assert len(rows(one)) == 1
    assert len(watcher.instagram.log("/feed/user/")) == 1
    assert not watcher.instagram.log("/media/")


def test_new_posts_are_found_by_themselves_and_told_once(watcher: Watcher, heard: list[str]) -> None:
    watcher.watch(f"@{BUSY}", seconds=6 * 3_600, follows_posts=True)
    watcher.work()
    before = {one.code for one in posts()}
    watcher.live_on(12 * DAY, 6 * HOUR)
    new = {one.code for one in posts()} - before
    assert new
    assert sorted(heard) == sorted(new)


def test_a_post_that_comes_back_onto_the_page_is_followed_and_no_news(heard: list[str], followed: Monitor) -> None:
    profile = followed

    def page(*ages: int) -> None:
        shown = [
            Post(pk=age, code=f"aged{age}", owner_pk=None, taken_at=NOW - age * DAY, kind="image", like_count=5)
            for age in ages
        ]
        profile.refresh_from_db()
        found_posts.seen(profile, shown, source="x", now=NOW)

    page(3, 6)
    Monitor.objects.filter(pk=profile.pk).update(posts_read_at=NOW - 2 * DAY)
    page(1, 3, 20)  # one was made since, one was deleted
    assert heard == ["aged1"]
    assert {one.code for one in profile.children.all()} == {"aged1", "aged3", "aged6", "aged20"}


def test_a_profile_that_is_not_followed_reads_no_posts(watcher: Watcher) -> None:
    watcher.watch(f"@{BUSY}")
    watcher.work()
    assert posts() == []
    assert not watcher.instagram.log("/feed/user/")


def test_posts_that_cannot_be_read_are_tried_again_and_hold_nothing_up(watcher: Watcher) -> None:
    profile = watcher.watch(f"@{BUSY}", seconds=600, follows_posts=True)
    watcher.instagram.fault(path="feed/user", kind="429", count=1)
    watcher.work()
    assert len(rows(profile)) == 1
    assert posts() == []
    watcher.live_on(HOUR, timedelta(minutes=10))
    assert posts()


def listed(code: str, **counts: int | None) -> Post:
    return Post(pk=1, code=code, owner_pk=None, taken_at=NOW - HOUR, kind="image", **counts)  # type: ignore[arg-type]


def test_a_post_without_any_count_keeps_no_other_from_being_followed(followed: Monitor, heard: list[str]) -> None:
    Monitor.objects.filter(pk=followed.pk).update(posts_read_at=NOW - 2 * HOUR)
    found_posts.seen(followed, [listed("hidden"), listed("plain", like_count=5)], source="x", now=NOW)
    hidden, plain = (Monitor.objects.get(code=code) for code in ("hidden", "plain"))
    assert (hidden.trouble_code, hidden.checked_at, plain.counts["likes"]) == ("no_counts", None, 5)
    assert hidden.due_at > NOW
    found_posts.seen(followed, [listed("hidden"), listed("plain", like_count=5)], source="x", now=NOW)
    assert sorted(heard) == ["hidden", "plain"]


@pytest.mark.parametrize("change", [{"state": "paused"}, {"follows_posts": False}])
def test_what_was_asked_before_a_pause_is_dropped(followed: Monitor, heard: list[str], change: dict[str, Any]) -> None:
    asked_for = Monitor.objects.get(pk=followed.pk)
    Monitor.objects.filter(pk=followed.pk).update(posts_read_at=NOW - 2 * HOUR, **change)
    assert found_posts.seen(asked_for, [listed("new", like_count=5)], source="x", now=NOW) == 0
    assert (posts(), heard) == ([], [])


def test_a_page_locks_its_posts_in_the_order_of_all_who_measure(followed: Monitor) -> None:
    page = [listed(f"new{number}", like_count=number) for number in range(12)]
    found_posts.seen(followed, page, source="x", now=NOW)
    later = NOW + HOUR / 2
    with CaptureQueriesContext(connection) as asked:
        found_posts.seen(followed, page[::-1], source="x", now=later)
    locking = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"]]
    assert locking
    assert all('ORDER BY "monitoring_monitor"."id" ASC' in one for one in locking)
    assert len(asked) < 20
    assert all(one.checked_at == later for one in posts())
