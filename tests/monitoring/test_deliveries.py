"""Alerts on their way to channels: once each, held in quiet hours, told when they do not arrive."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Membership, User, Workspace
from igsite.jobs.models import Job, JobState
from igsite.jobs.runner import ManualClock, run_step
from igsite.ownership import Role
from igsite.restoring import restored
from igsite.secrets import Secret
from monitoring import alerts, channel_check_ups, channel_troubles, channels, deliveries, delivering
from monitoring.channel_addresses import Address, address_of
from monitoring.channel_sending import Sent
from monitoring.channels import Wish
from monitoring.models import (
    Alert,
    AlertKind,
    AlertRule,
    ChannelKind,
    ChannelState,
    Delivery,
    DeliveryState,
    NotificationChannel,
    Pace,
    Severity,
)
from tests.monitoring.receivers import WebReceiver, web

__all__ = ["web"]
NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)  # a Wednesday
pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def workspace(db: None) -> Workspace:
    found = Workspace.objects.create(name="Studio")
    Membership.objects.create(workspace=found, user=User.objects.create_user("ada@example.org"), role=Role.OWNER)
    return found


def webhook(url: str) -> Address:
    return address_of(ChannelKind.WEBHOOK, {"webhook_url": url})


def channel_to(workspace: Workspace, url: str, **wishes: Any) -> NotificationChannel:
    """A channel that was made an hour before noon and needs no test."""
    wish = Wish(**{"name": "hook", **wishes})
    made = channels.add(
        workspace=workspace, kind=ChannelKind.WEBHOOK, address=webhook(url), wish=wish, by=None,
        now=NOON - timedelta(hours=1),
    )  # fmt: skip
    Job.objects.all().delete()
    return NotificationChannel.objects.select_related("workspace").get(pk=made.pk)


def alert(workspace: Workspace, *, at: datetime = NOON, **other: Any) -> Alert:
    values = {
        "kind": AlertKind.THRESHOLD, "subject": "monitor:1", "about": "@aurora", "severity": Severity.WARNING,
        "value": 10_250, "limit": 10_000, "message": "threshold.above", "arguments": {"metric": "followers"},
        "evidence": "/monitoring/", "rule_key": "r", "change_key": uuid4().hex,
    }  # fmt: skip
    return Alert.objects.create(workspace=workspace, at=at, **values | other)


def work(clock: ManualClock) -> None:
    """A minute of the site: rows, jobs, and all that these have to do."""
    deliveries.look_after_all(clock())
    while (job := Job.objects.claimable(clock()).first()) is not None:
        run_step(job.pk, clock=clock)


def states(channel: NotificationChannel) -> list[str]:
    return list(Delivery.objects.filter(channel=channel).order_by("pk").values_list("state", flat=True))


def test_an_alert_that_is_raised_leaves_at_once_with_its_words(
    workspace: Workspace,
    web: WebReceiver,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    settings: Any,
) -> None:
    settings.SITE_URL = "https://igsite.example"
    channel = channel_to(workspace, web.url)
    rule = AlertRule.objects.create(workspace=workspace, kind=AlertKind.THRESHOLD, metric="followers", limit=10_000)
    now = datetime.now(UTC)
    with django_capture_on_commit_callbacks(execute=True):
        finding = alerts.Finding("threshold.above", "1", {"metric": "followers"}, value=10_250, limit=10_000)
        alerts.write(rule, alerts.Subject("monitor:1", "@aurora", "/monitoring/"), finding, at=now)
    run_step(Job.objects.get(kind=deliveries.DELIVER).pk)
    [body] = web.bodies
    said = json.loads(body)
    assert said["title"].startswith("Studio: ")
    assert "@aurora, Followers: 10,250, above the limit of 10,000." in said["message"]
    assert "https://igsite.example/monitoring/" in said["message"]
    assert states(channel) == [DeliveryState.SENT]
    work(ManualClock(now + timedelta(minutes=1)))
    assert len(web.got) == 1


def test_a_channel_takes_what_it_wants_from_when_it_was_made(workspace: Workspace) -> None:
    channel = channel_to(
        workspace, "http://127.0.0.1:1/", least_severity=Severity.WARNING, kinds=[AlertKind.LOGIN, AlertKind.SCAN]
    )
    wanted = alert(workspace, kind=AlertKind.LOGIN)
    alert(workspace, kind=AlertKind.LOGIN, severity=Severity.INFO)
    alert(workspace, kind=AlertKind.FACT)
    alert(workspace, kind=AlertKind.SCAN, is_silent=True)
    alert(workspace, kind=AlertKind.SCAN, at=channel.since - timedelta(minutes=1))
    alert(Workspace.objects.create(name="Elsewhere"), kind=AlertKind.LOGIN)
    assert list(deliveries.missing(channel, NOON)) == [wanted]
    assert deliveries.order_for(channel, NOON) == 1
    assert deliveries.order_for(channel, NOON) == 0


def test_a_refused_message_is_sent_again_later_and_marks_the_channel(
    workspace: Workspace, web: WebReceiver, clock: ManualClock
) -> None:
    channel = channel_to(workspace, web.url)
    alert(workspace)
    web.answers = [500, 500, 500]
    for _try in range(3):
        work(clock)
        work(clock)  # it rests
        channel.refresh_from_db()
        assert channel.retry_at is not None
        clock.move_to(channel.retry_at)
    assert (channel.state, len(web.got)) == (ChannelState.BAD, 3)
    [finding] = channel_check_ups.channels(workspace)
    assert (finding.ok, finding.name) == (False, "hook")
    assert "500" in finding.sentence
    assert list(deliveries.bad_channels(workspace)) == [channel]
    work(clock)
    channel.refresh_from_db()
    assert (channel.state, channel.failures, len(web.got)) == (ChannelState.GOOD, 0, 4)
    assert states(channel) == [DeliveryState.SENT]
    assert [one.ok for one in channel_check_ups.channels(workspace)] == [True]


def test_after_a_day_of_refusals_an_alert_is_given_up_visibly(workspace: Workspace, clock: ManualClock) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    deliveries.order_for(channel, NOON)
    batch = deliveries.take(channel, NOON)
    assert batch is not None
    trouble = channel_troubles.stored("unreachable", "127.0.0.1")
    deliveries.settle(channel.pk, batch.id, Sent(trouble), NOON + timedelta(hours=25))
    assert states(channel) == [DeliveryState.FAILED]
    assert "127.0.0.1 cannot be reached" in channel_troubles.say(Delivery.objects.get().error)


def test_what_may_have_arrived_is_never_sent_again(workspace: Workspace, clock: ManualClock) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    deliveries.order_for(channel, NOON)
    batch = deliveries.take(channel, NOON)
    assert batch is not None
    deliveries.settle(channel.pk, batch.id, Sent(channel_troubles.stored("no_answer"), may_have_arrived=True), NOON)
    clock.move_to(NOON + timedelta(hours=5))
    work(clock)
    assert states(channel) == [DeliveryState.UNKNOWN]


def test_a_worker_that_dies_while_it_sends_leaves_it_unknown_and_said(
    workspace: Workspace, web: WebReceiver, clock: ManualClock
) -> None:
    channel = channel_to(workspace, web.url)
    alert(workspace)
    deliveries.order_for(channel, NOON)
    dead = deliveries.take(channel, NOON)
    assert dead is not None
    work(clock)
    assert states(channel) == [DeliveryState.SENDING]  # its time is not over
    clock.move_to(NOON + deliveries.TAKEN + timedelta(seconds=1))
    work(clock)
    channel.refresh_from_db()
    assert states(channel) == [DeliveryState.UNKNOWN]
    assert "interrupted" in channel_troubles.say(channel.last_error)
    assert not web.got
    deliveries.settle(channel.pk, dead.id, Sent(), clock())  # it was not dead, only slow: nothing comes of it
    assert states(channel) == [DeliveryState.UNKNOWN]


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_an_alert_once(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    start, taken = threading.Barrier(2), []

    def worker() -> None:
        start.wait()
        deliveries.order_for(channel, NOON)
        taken.append(deliveries.take(channel, NOON))
        connection.close()

    threads = [threading.Thread(target=worker) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in taken) == 1
    assert Delivery.objects.count() == 1


def test_quiet_hours_hold_alerts_and_send_them_together_when_they_end(
    workspace: Workspace, web: WebReceiver, clock: ManualClock
) -> None:
    workspace.time_zone = "Europe/Berlin"
    workspace.save()
    channel = channel_to(workspace, web.url, quiet_from=time(22), quiet_until=time(7), lets_critical_through=True)
    night = datetime(2026, 6, 3, 21, tzinfo=UTC)
    clock.move_to(night)
    for number in range(2):
        alert(workspace, at=night, about=f"@calm{number}")
    alert(workspace, at=night, severity=Severity.CRITICAL, about="@urgent")
    work(clock)
    assert len(web.got) == 1
    assert "@urgent" in web.bodies[0]
    clock.move_to(datetime(2026, 6, 4, 5, tzinfo=UTC))
    work(clock)
    said = json.loads(web.bodies[1])
    assert said["title"] == "Studio: 2 alerts"
    assert said["message"].count("@calm") == 2
    assert states(channel) == [DeliveryState.SENT] * 3


def test_what_is_late_waits_for_the_end_of_quiet_hours(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/", quiet_from=time(22), quiet_until=time(7))
    alert(workspace)
    deliveries.order_for(channel, NOON)
    night = NOON + timedelta(hours=11)
    assert deliveries.take(channel, night) is None
    [row] = Delivery.objects.all()
    assert (row.is_held, row.due_at) == (True, datetime(2026, 6, 4, 7, tzinfo=UTC))


def test_digests_leave_at_their_time_and_many_at_once_leave_together(workspace: Workspace) -> None:
    weekly = channel_to(workspace, "http://127.0.0.1:1/", name="weekly", pace=Pace.WEEKLY, weekday=0, at_time=time(8))
    at_once = channel_to(workspace, "http://127.0.0.1:1/", name="flood")
    for _number in range(7):
        alert(workspace)
    deliveries.order_for(weekly, NOON)
    deliveries.order_for(at_once, NOON)
    assert deliveries.take(weekly, NOON) is None
    monday = deliveries.take(weekly, datetime(2026, 6, 8, 8, tzinfo=UTC))
    flood = deliveries.take(at_once, NOON)
    assert [(len(one.alerts), one.is_digest) for one in (monday, flood) if one] == [(7, True)] * 2


def test_a_paused_channel_sends_nothing_of_that_time(
    workspace: Workspace, clock: ManualClock, web: WebReceiver
) -> None:
    channel = channel_to(workspace, web.url)
    alert(workspace)
    deliveries.order_for(channel, NOON)
    channels.switch(channel=channel, is_enabled=False, by=None, now=NOON)
    alert(workspace, at=NOON + timedelta(minutes=1))
    clock.move_to(NOON + timedelta(minutes=2))
    work(clock)
    channels.switch(channel=channel, is_enabled=True, by=None, now=clock())
    work(clock)
    assert states(channel) == [DeliveryState.FAILED]
    assert not web.got


def test_a_test_message_is_sent_on_save_and_in_the_channels_language(
    workspace: Workspace, web: WebReceiver, clock: ManualClock
) -> None:
    wish = Wish("Aviso", language="es")
    channels.add(workspace=workspace, kind=ChannelKind.WEBHOOK, address=webhook(web.url), wish=wish, by=None, now=NOON)
    work(clock)
    [body] = web.bodies
    assert json.loads(body)["title"] == "Studio: una prueba"
    channel = NotificationChannel.objects.get()
    assert (channel.state, channel.last_sent_at) == (ChannelState.GOOD, NOON)
    assert Job.objects.get(kind=channels.TRY).state == JobState.DONE


def test_an_address_that_does_not_open_is_said_and_nothing_is_sent(
    workspace: Workspace, web: WebReceiver, clock: ManualClock
) -> None:
    channel = channel_to(workspace, web.url)
    NotificationChannel.objects.filter(pk=channel.pk).update(address_sealed=b"x" * 60)
    alert(workspace)
    work(clock)
    channel.refresh_from_db()
    assert "Enter it again" in channel_troubles.say(channel.last_error)
    assert states(channel) == [DeliveryState.WAITING]
    assert not web.got


def test_a_locked_vault_lets_it_wait(workspace: Workspace, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.vault import VaultLocked

    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)

    def locked(*_args: object) -> Secret:
        raise VaultLocked("The vault is locked.")

    monkeypatch.setattr("accounts.vault.data_keys.named", locked)
    work(clock)
    assert Job.objects.get(kind=deliveries.DELIVER).state == JobState.BLOCKED
    assert states(channel) == [DeliveryState.WAITING]
    channel.refresh_from_db()
    assert channel.failures == 0


def test_a_restored_backup_sends_nothing_that_may_have_been_sent(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    deliveries.order_for(channel, NOON)
    alert(workspace)
    later = NOON + timedelta(hours=2)
    restored.send(sender=None, made_at=NOON, now=later)
    channel.refresh_from_db()
    assert deliveries.order_for(channel, later) == 0
    assert states(channel) == [DeliveryState.UNKNOWN]


def test_the_site_looks_each_minute(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    delivering.look_after_deliveries(NOON)
    assert states(channel) == [DeliveryState.WAITING]
    assert Job.objects.filter(kind=deliveries.DELIVER).count() == 1


@pytest.mark.parametrize("closed", [True, False])
def test_a_closed_workspace_sends_nothing(workspace: Workspace, closed: bool) -> None:
    channel_to(workspace, "http://127.0.0.1:1/")
    alert(workspace)
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=NOON if closed else None)
    delivering.look_after_deliveries(NOON)
    assert Job.objects.filter(kind=deliveries.DELIVER).exists() is not closed


def test_other_times_hold_for_what_waits_already(workspace: Workspace) -> None:
    channel = channel_to(workspace, "http://127.0.0.1:1/", pace=Pace.WEEKLY, weekday=0, at_time=time(8))
    alert(workspace)
    deliveries.order_for(channel, NOON)
    daily = Wish("hook", pace=Pace.DAILY, at_time=time(18))
    channels.change(channel=channel, wish=daily, address=None, by=None, now=NOON)
    assert Delivery.objects.get().due_at == NOON.replace(hour=18)
    channels.change(channel=channel, wish=Wish("hook"), address=None, by=None, now=NOON)
    channel.refresh_from_db()
    assert deliveries.take(channel, NOON) is not None
