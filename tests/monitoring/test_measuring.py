"""Measuring against the simulator: what is written, what is not, and when the next time comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.gateway.results import Post
from accounts.models import Workspace
from igsite.jobs.models import JobState
from monitoring import acts, measuring, measuring_orders
from monitoring.measuring import Taken
from monitoring.models import FactChange, Gap, Monitor, MonitorState, Outage
from monitoring.signals import measurement_taken
from tests.monitoring.measured import NOW, post_of
from tests.monitoring.measured import monitor as unmeasured
from tests.monitoring.watcher import SMALL, Watcher, rows

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def heard() -> Any:
    """What the signal said, in order."""
    said: list[Taken] = []

    def listen(taken: Taken, **_more: Any) -> None:
        said.append(taken)

    measurement_taken.connect(listen)
    yield said
    measurement_taken.disconnect(listen)


def test_a_profile_is_measured_as_it_is(watcher: Watcher, heard: list[Taken]) -> None:
    monitor = watcher.watch()
    watcher.work()
    monitor.refresh_from_db()
    truth = watcher.instagram.simulator.control("cast")["accounts"]
    account = next(one for one in truth if one["username"] == SMALL)
    [row] = rows(monitor)
    assert row.counts["followers"] == account["followers"]
    assert row.counts["following"] == account["following"]
    assert row.counts["likes"] is None
    assert monitor.profile_id == account["pk"]
    assert monitor.latest == {name: row.counts[name] for name in ("followers", "following", "posts")}
    assert monitor.facts["bio"] is not None
    assert (monitor.revision, monitor.taken_until, monitor.trouble) == (1, None, "")
    assert watcher.now() < monitor.due_at <= watcher.now() + HOUR
    assert [one.before for one in heard] == [{}]


def test_a_post_is_measured_as_it_is(watcher: Watcher) -> None:
    code = watcher.posts_of()[0]
    monitor = watcher.watch(f"https://www.instagram.com/p/{code}/?igsh=x")
    watcher.work()
    monitor.refresh_from_db()
    [row] = rows(monitor)
    assert row.counts["likes"] is not None
    assert row.counts["followers"] is None
    assert monitor.posted_at is not None
    assert monitor.facts["caption"] is not None


def test_without_a_change_only_the_heartbeat_writes_a_row(watcher: Watcher, heard: list[Taken]) -> None:
    monitor = watcher.watch(seconds=600)
    watcher.work()
    for _time in range(12):
        watcher.pass_time(timedelta(minutes=10), in_world=False)
        watcher.work()
    assert len(heard) == 13
    assert len(rows(monitor)) == 3
    assert [one.wrote_row for one in heard].count(True) == 3


def test_every_change_writes_a_row(watcher: Watcher, heard: list[Taken]) -> None:
    monitor = watcher.watch("@la.cocina.verde", seconds=86_400)
    watcher.work()
    watcher.live_on(5 * DAY, 6 * HOUR)
    assert len(rows(monitor)) == len(heard) == 6
    assert heard[-1].change("followers") not in (None, 0)
    followers = [row.counts["followers"] for row in rows(monitor)]
    assert len(set(followers)) > 1


def test_a_count_that_the_source_does_not_give_is_null_and_never_zero(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.instagram.fault(path="usernameinfo", kind="null_field", field_name="following_count", count=-1)
    watcher.work()
    [row] = rows(monitor)
    assert row.counts["following"] is None
    assert row.counts["followers"] is not None


def test_facts_that_turn_are_written_once_and_the_first_sighting_is_no_change(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    assert not FactChange.objects.exists()
    Monitor.objects.update(facts=Monitor.objects.get().facts | {"bio": "Before", "is_private": "yes"})
    for _time in range(2):
        watcher.pass_time(HOUR)
        watcher.work()
    changes = {one.fact: (one.old, one.new) for one in FactChange.objects.filter(monitor=monitor)}
    assert changes["is_private"] == ("yes", "no")
    assert changes["bio"][0] == "Before"
    assert FactChange.objects.filter(monitor=monitor, fact="is_private").count() == 1


def test_an_empty_text_of_another_source_is_no_change(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    monitor.refresh_from_db()
    Monitor.objects.update(facts=monitor.facts | {"link": "https://example.org/", "source": "another"})
    watcher.pass_time(HOUR)
    watcher.work()
    assert not FactChange.objects.filter(fact="link").exists()
    assert Monitor.objects.get().facts["link"] == "https://example.org/"


def test_a_due_time_is_measured_once_whoever_comes_twice(watcher: Watcher) -> None:
    monitor = watcher.watch()
    due = Monitor.objects.get().due_at
    profile = _seen(watcher)
    first = measuring.measured(monitor.pk, due, profile, source="x", now=watcher.now())
    second = measuring.measured(monitor.pk, due, profile, source="x", now=watcher.now())
    assert first is not None
    assert second is None
    assert len(rows(monitor)) == 1


def test_a_pause_holds_for_what_is_being_read(watcher: Watcher) -> None:
    monitor = watcher.watch()
    due = Monitor.objects.get().due_at
    profile = _seen(watcher)
    acts.pause(monitor=monitor, by=None, now=watcher.now())
    assert measuring.measured(monitor.pk, due, profile, source="x", now=watcher.now()) is None
    assert rows(monitor) == []


def test_a_pause_holds_for_what_is_queued(watcher: Watcher) -> None:
    monitor = watcher.watch()
    taken = measuring_orders.take(monitor.workspace_id, now=watcher.now())
    assert [one[0] for one in taken] == [monitor.pk]
    acts.pause(monitor=monitor, by=None, now=watcher.now())
    assert not measuring.still_wanted(*taken[0])
    before = len(watcher.instagram.log("usernameinfo"))
    watcher.pass_time(HOUR)
    watcher.work()
    assert len(watcher.instagram.log("usernameinfo")) == before


def test_two_readers_take_different_monitors(watcher: Watcher) -> None:
    for name in ("tiny.pottery", "la.cocina.verde"):
        watcher.watch(f"@{name}")
    place = watcher.login.workspace_id
    first = measuring_orders.take(place, now=watcher.now(), most=1)
    second = measuring_orders.take(place, now=watcher.now(), most=5)
    assert len(first) == len(second) == 1
    assert first[0][0] != second[0][0]
    assert measuring_orders.take(place, now=watcher.now()) == []
    late = watcher.now() + timedelta(seconds=measuring_orders.TAKEN_SECONDS + 1)
    assert len(measuring_orders.take(place, now=late)) == 2


def test_paused_and_resumed_the_time_between_is_a_gap_with_its_reason(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    paused_at = watcher.now()
    acts.pause(monitor=monitor, by=None, now=paused_at)
    watcher.live_on(DAY, 6 * HOUR)
    assert len(rows(monitor)) == 1
    acts.resume(monitor=monitor, by=None, now=watcher.now())
    watcher.work()
    assert len(rows(monitor)) == 2
    [gap] = Gap.objects.filter(monitor=monitor)
    assert (gap.code, gap.since, gap.until) == ("paused", paused_at, watcher.now())


def test_stopped_and_created_again_it_goes_on_with_its_history(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    acts.stop(monitor=monitor, by=None, now=watcher.now())
    watcher.live_on(DAY, 6 * HOUR)
    again = watcher.watch(seconds=1_800)
    watcher.work()
    assert again.pk == monitor.pk
    assert len(rows(again)) == 2
    assert Gap.objects.get(monitor=monitor).code == "stopped"


def test_the_same_profile_under_a_new_name_is_not_measured_twice(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    Monitor.objects.filter(pk=monitor.pk).update(username="old.name")
    twin = watcher.watch()
    watcher.work()
    twin.refresh_from_db()
    assert twin.pk != monitor.pk
    assert (twin.state, twin.trouble_code) == (MonitorState.STOPPED, "twin")
    assert rows(twin) == []


def test_the_reading_job_sleeps_until_the_next_due_time(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    monitor.refresh_from_db()
    job = watcher.job()
    assert (job.state, job.due_at) == (JobState.WAITING, monitor.due_at)
    sooner = watcher.watch("@la.cocina.verde")
    job.refresh_from_db()
    assert job.due_at == sooner.due_at


def test_deleting_a_monitor_takes_its_rows_along(watcher: Watcher) -> None:
    monitor = watcher.watch()
    watcher.work()
    pk = monitor.pk
    assert rows(monitor)
    monitor.delete()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from monitoring_measurement where monitor_id = %s", [pk])
        assert cursor.fetchone() == (0,)


def test_without_a_login_it_says_why_nothing_is_measured(watcher: Watcher) -> None:
    watcher.login.status = "paused"
    watcher.login.save()
    monitor = watcher.watch()
    watcher.minute()
    outage = Outage.objects.get()
    assert (outage.code, outage.until) == ("no_login", None)
    assert rows(monitor) == []


def _seen(watcher: Watcher) -> Any:
    from accounts import connect

    with connect.gateway_for(watcher.login, clock=watcher.instagram.clock) as gateway:
        return gateway.profile_by_username(SMALL)


def test_a_source_that_tells_counts_only_leaves_a_post_its_age(db: None) -> None:
    post = post_of(unmeasured(Workspace.objects.create(name="Studio")), NOW - HOUR)
    seen = Post(pk=1, code=post.code, owner_pk=None, taken_at=None, kind="image", like_count=7)
    assert measuring.measured(post.pk, post.due_at, seen, source="x", now=NOW) is not None
    post.refresh_from_db()
    assert (post.posted_at, post.counts["likes"]) == (NOW - HOUR, 7)


def test_a_closed_workspace_is_measured_no_more(watcher: Watcher) -> None:
    watcher.watch()
    place = watcher.instagram.workspace
    Workspace.objects.filter(pk=place.pk).update(closed_at=watcher.now())
    watcher.work()
    assert (watcher.job().state, Monitor.objects.get().checked_at) == (JobState.DONE, None)
    watcher.pass_time(HOUR)
    watcher.minute()
    assert not watcher.job().is_open
