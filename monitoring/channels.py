"""What people do with notification channels: add, change, try, pause, remove. Pages and API call these.

Where a channel leads arrives as :class:`monitoring.channel_addresses.Address`, is sealed at once and never comes out
again but to the service.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import vault
from accounts.models import User, Workspace
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.live import hint
from igsite.problems import Conflict
from igsite.public_address import is_public
from igsite.secrets import Secret
from igsite.text import clean_text
from monitoring.channel_addresses import Address, ChannelInvalid, hosts_of
from monitoring.channel_troubles import stored
from monitoring.channel_words import check_template
from monitoring.models import (
    AlertKind,
    ChannelState,
    Delivery,
    DeliveryState,
    NotificationChannel,
    Pace,
    Severity,
)
from monitoring.quiet_times import Times

TRY: Final = "notifications.try"
PLACE: Final = "monitoring_notificationchannel.address_sealed"
MOST: Final = 100


class ChannelConflict(Conflict):
    """What stands forbids that; the message says what to do first."""

    code = "channel_conflict"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a channel takes, and when. Times are local to the workspace."""

    name: str
    least_severity: str = Severity.INFO
    kinds: list[str] = field(default_factory=list)
    language: str = "en"
    pace: str = Pace.AT_ONCE
    at_time: dt.time | None = None
    weekday: int | None = None
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None
    lets_critical_through: bool = False
    title_template: str = ""
    body_template: str = ""


def add(
    *, workspace: Workspace, kind: str, address: Address, wish: Wish, by: User | None, now: datetime
) -> NotificationChannel:
    """A new channel; a job sends a test message at once.

    Raises:
        ChannelConflict: the name is taken, or the workspace has very many.
        ChannelInvalid: something of it cannot be used; ``fields`` says what.
    """
    _refuse_inside(address)
    with transaction.atomic():
        if NotificationChannel.objects.for_workspace(workspace).count() >= MOST:
            raise ChannelConflict(_("A workspace keeps at most %(most)s channels. Remove some first.") % {"most": MOST})
        channel = NotificationChannel(workspace=workspace, kind=kind, made_by=by, since=now, created_at=now)
        _fill(channel, wish)
        _seal(channel, address)
        _saved(channel)
        record(by, "channel.added", channel, workspace=workspace, now=now, details={"kind": kind})
        order_try(channel=channel, by=by, now=now)
    return channel


def change(
    *, channel: NotificationChannel, wish: Wish, address: Address | None, by: User | None, now: datetime
) -> None:
    """Other wishes; with an ``address`` it leads elsewhere from now on, and is tried. Raises like :func:`add`."""
    if address is not None:
        _refuse_inside(address)
    with transaction.atomic():
        channel = NotificationChannel.objects.select_for_update().select_related("workspace").get(pk=channel.pk)
        _fill(channel, wish)
        if address is not None:
            _seal(channel, address)
            channel.state, channel.failures, channel.retry_at = ChannelState.UNTRIED, 0, None
        _saved(channel)
        _retime(channel, now)
        record(
            by, "channel.changed", channel, workspace=channel.workspace, now=now, details={"elsewhere": bool(address)}
        )
        if address is not None:
            order_try(channel=channel, by=by, now=now)
        hint(channel.topic, channel.workspace_id)


def order_try(*, channel: NotificationChannel, by: User | None, now: datetime) -> Job:
    """Send a test message by a job."""
    return runner.enqueue(
        TRY,
        workspace=channel.workspace,
        by=by,
        params={"channel": str(channel.pk)},
        subject=channel.name,
        lane=f"channel-{channel.pk}",
        dedupe_key=f"try-channel-{channel.pk}",
        due_at=now,
    )


def switch(*, channel: NotificationChannel, is_enabled: bool, by: User | None, now: datetime) -> None:
    """Pause: nothing leaves any more, what waits is dropped. Resume: alerts from now on."""
    with transaction.atomic():
        channel = NotificationChannel.objects.select_for_update().select_related("workspace").get(pk=channel.pk)
        if channel.is_enabled == is_enabled:
            return
        channel.is_enabled = is_enabled
        if is_enabled:
            channel.since, channel.failures, channel.retry_at = now, 0, None
        else:
            waiting = Delivery.objects.filter(channel=channel, state=DeliveryState.WAITING)
            waiting.update(state=DeliveryState.FAILED, error=stored("paused"), ended_at=now)
        channel.save(update_fields=["is_enabled", "since", "failures", "retry_at"])
        action = "channel.resumed" if is_enabled else "channel.paused"
        record(by, action, channel, workspace=channel.workspace, now=now)
        hint(channel.topic, channel.workspace_id)


def remove(*, channel: NotificationChannel, by: User | None, now: datetime) -> None:
    """Erase it with its address; what waits is dropped."""
    with transaction.atomic():
        record(by, "channel.removed", channel, workspace=channel.workspace, now=now)
        channel.delete()


def opened(channel: NotificationChannel) -> Secret:
    """Where it leads. Raises :class:`accounts.vault.VaultLocked`, :class:`accounts.vault.VaultError`."""
    return vault.open_sealed(PLACE, channel.pk, channel.workspace_id, channel.address_sealed)


def kind_stays() -> str:
    """Why a channel of one kind is not made one of another."""
    return _("A channel keeps its kind. Add another one, then remove this one.")


def filled(channel: NotificationChannel, wish: Wish) -> NotificationChannel:
    """The channel as it would be, not stored. Raises :class:`monitoring.channel_addresses.ChannelInvalid`."""
    _fill(channel, wish)
    return channel


def times_of(channel: NotificationChannel) -> Times:
    """When its alerts leave. Its workspace must be loaded."""
    return Times(channel.workspace.time_zone, channel.at_time, channel.weekday, channel.quiet_from, channel.quiet_until)


def _fill(channel: NotificationChannel, wish: Wish) -> None:
    name = clean_text(wish.name, limit=80).strip()
    if not name:
        raise _invalid("name", _("Give it a name."))
    if wish.language not in dict(settings.LANGUAGES):
        raise _invalid("language", _("The site does not speak this language."))
    if set(wish.kinds) - set(AlertKind.values):
        raise _invalid("kinds", _("There is no such kind of alert."))
    channel.name, channel.language = name, wish.language
    channel.least_severity, channel.kinds = wish.least_severity, sorted(set(wish.kinds))
    _fill_times(channel, wish)
    channel.title_template = check_template("title_template", clean_text(wish.title_template, limit=200).strip())
    channel.body_template = check_template("body_template", clean_text(wish.body_template, limit=2_000).strip())


def _fill_times(channel: NotificationChannel, wish: Wish) -> None:
    is_digest = wish.pace != Pace.AT_ONCE
    if is_digest and wish.at_time is None:
        raise _invalid("at_time", _("Say at which time the alerts are sent together."))
    if wish.pace == Pace.WEEKLY and wish.weekday not in range(7):
        raise _invalid("weekday", _("Say on which day of the week."))
    if (wish.quiet_from is None) != (wish.quiet_until is None) or (
        wish.quiet_from is not None and wish.quiet_from == wish.quiet_until
    ):
        raise _invalid("quiet_until", _("Quiet hours need a beginning and another end, or neither."))
    channel.pace, channel.at_time = wish.pace, wish.at_time if is_digest else None
    channel.weekday = wish.weekday if wish.pace == Pace.WEEKLY else None
    channel.quiet_from, channel.quiet_until = wish.quiet_from, wish.quiet_until
    channel.lets_critical_through = wish.lets_critical_through


def _retime(channel: NotificationChannel, now: datetime) -> None:
    """What is held for a digest or the end of quiet hours leaves by the times that hold from now on."""
    held = Delivery.objects.filter(channel=channel, state=DeliveryState.WAITING, is_held=True, due_at__gt=now)
    rows, times = list(held.select_related("alert").select_for_update(of=("self",)).order_by("pk")), times_of(channel)
    for row in rows:
        is_urgent = channel.lets_critical_through and row.alert.severity == Severity.CRITICAL
        row.due_at = times.leaves_at(now, is_urgent=is_urgent)
    Delivery.objects.bulk_update(rows, ["due_at"])


def _seal(channel: NotificationChannel, address: Address) -> None:
    channel.address_sealed = vault.seal(PLACE, channel.pk, channel.workspace_id, address.sealed)
    channel.goes_to = address.goes_to


def _refuse_inside(address: Address) -> None:
    """A literal address within our own network is refused at once; names are looked up when something is sent."""
    for host in hosts_of(address):
        try:
            literal = ip_address(host)
        except ValueError:
            continue
        if not (is_public(literal) or (literal.is_loopback and not settings.PRODUCTION)):
            words = _("%(host)s leads into a private or reserved network. Nothing of this site connects there.")
            raise ChannelInvalid(words % {"host": host})


def _saved(channel: NotificationChannel) -> None:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise ChannelConflict(
            _("Another channel has this name."), fields={"name": [_("This name is taken.")]}
        ) from None


def _invalid(name: str, sentence: str) -> ChannelInvalid:
    return ChannelInvalid(sentence, fields={name: [sentence]})
