"""The jobs that send: alerts that are due by a channel, and a test when a person asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.vault import KeyUnavailable, VaultError
from igsite.jobs.housekeeping import each_minute
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run
from igsite.restoring import restored
from igsite.secrets import Secret
from monitoring import alerts, channel_sending, channel_troubles, channel_words, channels, deliveries, wrong_clocks
from monitoring.channel_sending import Sent
from monitoring.models import Alert, NotificationChannel


@register
class Deliver(Kind):
    """Sends what is due by one channel, one message a step."""

    name = deliveries.DELIVER
    label = gettext_lazy("Send notifications")

    def step(self, run: Run) -> Outcome:
        """One message: rows are marked and committed, then it is sent once, then the outcome is written."""
        channel, now = _channel(run), run.now()
        if channel is None or not channel.is_enabled:
            return Done(_("The channel was removed or paused."))
        deliveries.give_up_the_dead(channel, now)
        if channel.retry_at is not None and channel.retry_at > now:
            return Done(_("The channel rests after a failure."))
        address, trouble = _opened(channel)
        if address is None:
            _note(channel, Sent(trouble), run)
            return Failed(channel_troubles.say(trouble), "vault")
        batch = deliveries.take(channel, now)
        if batch is None:
            return Done()
        run.heartbeat()
        words = channel_words.of_many if batch.is_digest else _single
        sent = channel_sending.send(address, words(channel, batch.alerts))
        deliveries.settle(channel.pk, batch.id, sent, run.now())
        if not sent.is_well:
            return Done(channel_troubles.say(sent.trouble))
        with run.save(done=run.job.done_units + len(batch.alerts)):
            pass
        return Again()


@register
class TryChannel(Kind):
    """Sends a test message when a channel was saved, or when a person asks."""

    name = channels.TRY
    label = gettext_lazy("Try a notification channel")

    def step(self, run: Run) -> Outcome:
        """The message. It is sent once: a second attempt of the job means that the first one died."""
        channel = _channel(run)
        if channel is None:
            return Done(_("The channel was removed or paused."))
        if run.cursor.get("began"):
            return Failed(channel_troubles.say(channel_troubles.stored("interrupted")), "interrupted")
        address, trouble = _opened(channel)
        if address is not None:
            with run.save(cursor={"began": True}):
                pass
            sent = channel_sending.send(address, channel_words.of_test(channel))
        else:
            sent = Sent(trouble)
        _note(channel, sent, run)
        if sent.is_well:
            return Done(_("The test message was taken by the service."))
        return Failed(channel_troubles.say(sent.trouble), channel_troubles.code_of(sent.trouble))

    def retried(self, job: Job) -> None:
        """A person asks again: it is sent again."""
        job.change(cursor={})


def _single(channel: NotificationChannel, found: Sequence[Alert]) -> channel_sending.Message:
    return channel_words.of_alert(channel, found[0])


def _channel(run: Run) -> NotificationChannel | None:
    return NotificationChannel.objects.filter(pk=run.params["channel"]).select_related("workspace").first()


def _opened(channel: NotificationChannel) -> tuple[Secret | None, str]:
    """Where it leads, or why that cannot be said. A locked vault passes: the job waits for it."""
    try:
        return channels.opened(channel), ""
    except KeyUnavailable:
        return None, channel_troubles.stored("key")
    except VaultError:
        return None, channel_troubles.stored("vault")


def _note(channel: NotificationChannel, sent: Sent, run: Run) -> None:
    with transaction.atomic():
        row = NotificationChannel.objects.select_for_update(of=("self",)).filter(pk=channel.pk).first()
        if row is not None:
            deliveries.note(row, sent, run.now())


def hear_of_alert(*, alert_id: UUID, **_other: object) -> None:
    """Receiver of :data:`monitoring.alerts.alert_raised`."""
    deliveries.after_alert(alert_id=alert_id, now=timezone.now())


@receiver(restored)
def hear_of_restore(now: datetime, **_other: object) -> None:
    """What a restored backup has waiting may have been sent long ago."""
    deliveries.after_restore(now)


@each_minute("monitoring.deliveries")
def look_after_deliveries(now: datetime) -> None:
    """Jobs for what is due, and for alerts that nobody has heard of."""
    wrong_clocks.set_right(now)
    deliveries.look_after_all(now)


alerts.alert_raised.connect(hear_of_alert, dispatch_uid="monitoring.deliveries")
