"""Instagram away, throttled, talking nonsense: the last good data stays, the history shows the gap and its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import LoginStatus
from igsite.jobs.models import JobState
from monitoring.models import Gap, Monitor, Outage
from tests.monitoring.watcher import Watcher, rows

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PROFILE = "users/"


@pytest.fixture
def monitor(watcher: Watcher) -> Monitor:
    """One that was measured once, in good times."""
    made = watcher.watch(seconds=600)
    watcher.work()
    assert len(rows(made)) == 1
    return made


def test_while_instagram_is_away_nothing_is_written_and_afterwards_the_gap_says_why(
    watcher: Watcher, monitor: Monitor
) -> None:
    good = Monitor.objects.get().latest
    watcher.instagram.fault(path=PROFILE, kind="reset", count=-1)
    began = watcher.now()
    watcher.live_on(2 * HOUR, 5 * MINUTE)
    assert len(rows(monitor)) == 1
    assert Monitor.objects.get().latest == good
    outage = Outage.objects.get()
    assert (outage.code, outage.until) == ("transient", None)
    watcher.instagram.simulator.control("faults", method="DELETE")
    watcher.live_on(HOUR, 5 * MINUTE)
    [gap] = Gap.objects.filter(monitor=monitor)
    assert gap.code == "transient"
    assert gap.since <= began + timedelta(minutes=20)
    assert began + 2 * HOUR <= gap.until <= began + 2 * HOUR + 20 * MINUTE
    outage.refresh_from_db()
    assert outage.until == gap.until


def test_throttled_it_asks_nobody_until_the_pause_is_over(watcher: Watcher, monitor: Monitor) -> None:
    watcher.instagram.fault(path=PROFILE, kind="429", count=1)
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    asked = len(watcher.instagram.log("/users/"))
    job = watcher.job()
    assert (job.state, job.cursor["waits_for"]) == (JobState.WAITING, "source")
    watcher.live_on(14 * MINUTE, MINUTE)
    assert len(watcher.instagram.log("/users/")) == asked
    watcher.live_on(30 * MINUTE, MINUTE)
    assert Monitor.objects.get().revision > 1
    assert Gap.objects.get(monitor=monitor).code == "throttled"


def test_a_new_monitor_does_not_wake_a_login_that_cools_down(watcher: Watcher, monitor: Monitor) -> None:
    watcher.instagram.fault(path=PROFILE, kind="please_wait", count=1)
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    asked = len(watcher.instagram.log("/users/"))
    watcher.watch("@la.cocina.verde")
    watcher.minute()
    watcher.work()
    assert len(watcher.instagram.log("/users/")) == asked


@pytest.mark.parametrize("kind", ["html", "cut_json", "missing_field", "null_field"])
def test_nonsense_becomes_no_row(watcher: Watcher, monitor: Monitor, kind: str) -> None:
    good = Monitor.objects.get()
    watcher.instagram.fault(path=PROFILE, kind=kind, field_name="pk", count=-1)
    watcher.live_on(HOUR, 10 * MINUTE)
    now = Monitor.objects.get()
    assert len(rows(monitor)) == 1
    assert (now.latest, now.facts, now.checked_at) == (good.latest, good.facts, good.checked_at)
    watcher.instagram.simulator.control("faults", method="DELETE")
    watcher.live_on(4 * HOUR, 10 * MINUTE)
    assert len(rows(monitor)) > 1
    gaps = list(Gap.objects.filter(monitor=monitor))
    assert len(gaps) == 1
    assert gaps[0].code in {"contract_drift", "transient", "waits"}


def test_an_answer_without_any_count_is_no_measurement(watcher: Watcher, monitor: Monitor) -> None:
    for name in ("follower_count", "following_count", "media_count"):
        watcher.instagram.fault(path=PROFILE, kind="missing_field", field_name=name, count=-1)
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    assert len(rows(monitor)) == 1
    assert Monitor.objects.get().trouble_code == "no_counts"


def test_not_found_is_believed_only_after_the_login_itself_was_found(watcher: Watcher, monitor: Monitor) -> None:
    watcher.instagram.fault(path=PROFILE, kind="not_found", count=-1)
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    assert Monitor.objects.get().trouble_code == "not_found"
    assert watcher.instagram.log("current_user")
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    assert Monitor.objects.get().trouble_code == "gone"
    watcher.instagram.simulator.control("faults", method="DELETE")
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    now = Monitor.objects.get()
    assert (now.trouble, now.trouble_since) == ("", None)
    assert Gap.objects.get(monitor=monitor).code == "gone"


def test_one_bad_target_keeps_no_other_waiting(watcher: Watcher, monitor: Monitor) -> None:
    bad = watcher.watch("@nobody.of.this.name", seconds=600)
    watcher.work()
    watcher.live_on(HOUR, 10 * MINUTE)
    assert Monitor.objects.get(pk=bad.pk).trouble_code == "gone"
    assert Monitor.objects.get(pk=monitor.pk).revision == 7
    assert not Outage.objects.exists()


def test_a_challenge_stops_the_login_within_one_request_and_says_what_to_do(watcher: Watcher, monitor: Monitor) -> None:
    watcher.watch("@la.cocina.verde", seconds=600)
    watcher.work()
    asked = len(watcher.instagram.log("/users/"))
    watcher.instagram.fault(path=PROFILE, kind="challenge", count=-1)
    watcher.live_on(2 * HOUR, 10 * MINUTE)
    assert len(watcher.instagram.log("/users/")) == asked + 1
    watcher.login.refresh_from_db()
    assert watcher.login.status == LoginStatus.NEEDS_APPROVAL
    assert watcher.job().state == JobState.FAILED
    assert Outage.objects.filter(until=None).exists()


def test_when_the_login_is_back_measuring_goes_on_by_itself(watcher: Watcher, monitor: Monitor) -> None:
    watcher.instagram.fault(path=PROFILE, kind="challenge", count=1)
    watcher.live_on(HOUR, 10 * MINUTE)
    assert len(rows(monitor)) == 1
    watcher.login.refresh_from_db()
    watcher.login.status = LoginStatus.READY
    watcher.login.save(update_fields=["status"])
    watcher.live_on(20 * MINUTE, 10 * MINUTE)
    assert len(rows(monitor)) == 2
    assert not Outage.objects.filter(until=None).exists()
    assert Gap.objects.get(monitor=monitor).code in {"needs_person", "no_login"}


def test_after_a_night_of_downtime_there_is_one_catch_up_and_a_gap(watcher: Watcher, monitor: Monitor) -> None:
    before = Monitor.objects.get()
    watcher.pass_time(9 * HOUR)
    watcher.minute()
    watcher.work()
    now = Monitor.objects.get()
    assert now.revision == before.revision + 1
    assert watcher.now() < now.due_at <= watcher.now() + timedelta(seconds=600)
    gap = Gap.objects.get(monitor=monitor)
    assert gap.code == "not_running"
    assert gap.until == watcher.now()


def test_a_clock_that_was_a_year_ahead_holds_no_monitor_up(watcher: Watcher, monitor: Monitor) -> None:
    real = watcher.now()
    watcher.pass_time(365 * DAY, in_world=False)
    watcher.work()
    watcher.instagram.clock.time = real + 10 * MINUTE
    watcher.minute()
    now = Monitor.objects.get()
    assert now.due_at <= real + 20 * MINUTE


def test_a_clock_that_is_set_back_measures_no_due_time_twice(watcher: Watcher, monitor: Monitor) -> None:
    revisions = Monitor.objects.get().revision
    watcher.pass_time(10 * MINUTE)
    watcher.work()
    watcher.instagram.clock.time -= 5 * MINUTE
    for _time in range(5):
        watcher.minute()
        watcher.work()
        watcher.pass_time(MINUTE)
    assert Monitor.objects.get().revision == revisions + 1
