"""Old alerts go at night, with what hangs on them; what has not been told yet stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from accounts.models import User, Workspace
from monitoring import deliveries, old_alerts
from monitoring.models import Alert, AlertRead, Delivery, DeliveryState, NotificationChannel
from tests.monitoring.test_deliveries import NOON, alert, channel_to
from tests.monitoring.test_deliveries import workspace as workspace

DAY = timedelta(days=1)


@pytest.fixture
def channel(workspace: Workspace, settings: Settings) -> NotificationChannel:
    settings.ALERTS_DAYS, settings.DELIVERIES_DAYS = 30, 10
    return channel_to(workspace, "http://127.0.0.1:1/")


def told(channel: NotificationChannel, at: datetime, state: DeliveryState = DeliveryState.SENT) -> Alert:
    """An alert of a time, and what became of it then."""
    made = alert(channel.workspace, at=at)
    ended = None if state == DeliveryState.WAITING else at
    Delivery.objects.create(channel=channel, alert=made, state=state, due_at=at, created_at=at, ended_at=ended)
    AlertRead.objects.create(alert=made, user=User.objects.get(), at=at)
    return made


def test_each_goes_after_its_own_time_and_takes_along_what_hangs_on_it(channel: NotificationChannel) -> None:
    told(channel, NOON - 31 * DAY)
    kept = told(channel, NOON - 29 * DAY)
    fresh = told(channel, NOON - 9 * DAY)
    assert old_alerts.forget(NOON) == 3  # two deliveries, one alert
    assert set(Alert.objects.all()) == {kept, fresh}
    assert [row.alert_id for row in Delivery.objects.all()] == [fresh.pk]
    assert AlertRead.objects.count() == 2
    assert old_alerts.forget(NOON) == 0


def test_what_still_waits_stays_with_its_alert(channel: NotificationChannel) -> None:
    waiting = told(channel, NOON - 400 * DAY, DeliveryState.WAITING)
    assert old_alerts.forget(NOON) == 0
    assert Delivery.objects.get().alert_id == waiting.pk


def test_what_was_sent_and_forgotten_is_not_ordered_again(channel: NotificationChannel, settings: Settings) -> None:
    NotificationChannel.objects.update(since=NOON - 400 * DAY)
    channel.refresh_from_db()
    settings.ALERTS_DAYS = settings.DELIVERIES_DAYS = 7  # the least that the settings take
    for days in (3, 8):
        told(channel, NOON - days * DAY)
    old_alerts.forget(NOON)
    assert deliveries.order_for(channel, NOON) == 0


def test_a_night_does_as_much_as_it_may_and_the_next_goes_on(
    channel: NotificationChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_alerts, "BATCH", 2)
    monkeypatch.setattr(old_alerts, "MOST", 4)
    for number in range(5):
        alert(channel.workspace, at=NOON - 40 * DAY - timedelta(minutes=number))
    assert [old_alerts.forget(NOON) for _night in range(3)] == [4, 1, 0]
