"""A clock that was a year ahead holds no channel, alert or rule up once it is right; nothing of a history is lost."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from accounts.models import Workspace
from monitoring import deliveries, delivering, rollups
from monitoring.models import AlertKind, AlertRule, Delivery, NotificationChannel, Pace
from tests.monitoring.measured import monitor
from tests.monitoring.test_deliveries import NOON, alert, channel_to
from tests.monitoring.test_deliveries import workspace as workspace
from tests.monitoring.test_history import table, write

DAY = timedelta(days=1)
AHEAD = NOON + 365 * DAY


def test_a_channel_that_failed_in_the_future_rests_no_longer_than_any(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    NotificationChannel.objects.update(retry_at=AHEAD, since=AHEAD)
    delivering.look_after_deliveries(NOON)
    channel.refresh_from_db()
    assert (channel.retry_at, channel.since) == (None, NOON)


def test_a_channel_that_rests_rightly_rests_on(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    NotificationChannel.objects.update(retry_at=NOON + timedelta(minutes=60))
    delivering.look_after_deliveries(NOON)
    channel.refresh_from_db()
    assert channel.retry_at == NOON + timedelta(minutes=60)


def test_a_digest_of_next_year_leaves_at_its_next_time(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/", pace=Pace.WEEKLY, weekday=2, at_time=time(9))
    alert(workspace)
    deliveries.order_for(channel, NOON)
    right = Delivery.objects.get().due_at
    delivering.look_after_deliveries(NOON)
    assert Delivery.objects.get().due_at == right
    Delivery.objects.update(due_at=AHEAD)
    delivering.look_after_deliveries(NOON)
    assert Delivery.objects.get().due_at == right <= NOON + 7 * DAY


def test_a_rule_sleeps_for_a_week_at_most(workspace: Workspace) -> None:
    for until in (NOON + 7 * DAY, AHEAD):
        AlertRule.objects.create(workspace=workspace, kind=AlertKind.NEW_POST, snoozed_until=until)
    delivering.look_after_deliveries(NOON)
    rules = AlertRule.objects.filter(kind=AlertKind.NEW_POST).order_by("created_at", "pk")
    assert {rule.snoozed_until for rule in rules} == {NOON + 7 * DAY, None}


def test_days_that_were_rolled_up_before_they_came_are_rolled_up_again(db: None) -> None:
    today = datetime(2026, 3, 12, tzinfo=NOON.tzinfo)
    one = monitor(Workspace.objects.create(name="Studio"))
    write(one, 5, timedelta(minutes=20), today - DAY)
    assert rollups.roll_up(today + 30 * DAY) == 31
    write(one, 5, timedelta(minutes=20), today + timedelta(hours=3))  # the clock is right again
    assert rollups.roll_up(today + DAY) > 0
    assert (table("monitoring_hourly"), table("monitoring_daily")) == (4, 2)
    assert rollups.roll_up(today + DAY) == 0


@pytest.mark.parametrize("wrong", [timedelta(hours=-2), 365 * DAY])
def test_the_heartbeat_goes_on(db: None, wrong: timedelta) -> None:
    from monitoring.measuring import heartbeat_is_due

    assert heartbeat_is_due(NOON + wrong, NOON)
    assert not heartbeat_is_due(NOON - timedelta(minutes=59), NOON)
    assert heartbeat_is_due(None, NOON)
