"""Notification channels over the API: the same functions as the pages. Addresses go in, never out."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, SecretStr

from accounts.member_request import MemberRequest
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, page_of
from igsite.schemas import Body, PageOut
from igsite.secrets import Secret
from monitoring import channel_addresses, channel_troubles, channel_words, channels
from monitoring.api_shapes import answers
from monitoring.channels import Wish
from monitoring.models import AlertKind, ChannelKind, Delivery, NotificationChannel, Pace, Severity

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
Hidden = Annotated[SecretStr, Field(max_length=2_000)]
NONE = SecretStr("")


class WishIn(Body):
    """What a channel takes, and when. Times are those of the workspace's zone."""

    name: str = Field(min_length=1, max_length=80)
    least_severity: Severity = Severity.INFO
    kinds: list[AlertKind] = Field(default_factory=list, max_length=50, description="Empty: alerts of every kind.")
    language: str = Field("en", max_length=10)
    pace: Pace = Pace.AT_ONCE
    at_time: time | None = Field(None, description="Of the digest, for `daily` and `weekly`.")
    weekday: int | None = Field(None, ge=0, le=6, description="Of the weekly digest; 0 is Monday.")
    quiet_from: time | None = None
    quiet_until: time | None = None
    lets_critical_through: bool = False
    title_template: str = Field("", max_length=200, description="Placeholders like `{what}`; empty: the site's words.")
    body_template: str = Field("", max_length=2_000)

    def wish(self) -> Wish:
        """The same for the domain."""
        return Wish(**{name: getattr(self, name) for name in Wish.__dataclass_fields__})


class ChannelIn(WishIn):
    """A channel. Which of the fields below it needs depends on `kind`; they are encrypted and never answered."""

    kind: ChannelKind
    recipients: str = Field("", max_length=2_000, description="E-mail: addresses with commas between them.")
    mail_host: str = Field("", max_length=300, description="E-mail: a server of your own; empty: the site's.")
    mail_port: int | None = Field(None, ge=1, le=65_535)
    mail_security: str = Field("starttls", pattern="^(starttls|ssl|insecure)$")
    mail_user: str = Field("", max_length=300)
    mail_password: Hidden = NONE
    sender: str = Field("", max_length=300)
    bot_token: Hidden = NONE
    chat: str = Field("", max_length=300)
    webhook_url: Hidden = NONE
    topic: Hidden = NONE
    server: str = Field("", max_length=300)
    access_token: Hidden = NONE
    address: Hidden = Field(NONE, description="`other`: an Apprise address like `gotify://host/token`.")

    def typed(self) -> dict[str, Any]:
        """The fields of its kind, secrets as such."""
        given = {name: getattr(self, name) for name in channel_addresses.FIELDS[self.kind]}
        return {
            name: Secret(value.get_secret_value()) if isinstance(value, SecretStr) else value
            for name, value in given.items()
        }


class ChannelOut(Schema):
    """A channel and how it does. Where it leads is said in words only."""

    id: UUID
    name: str
    kind: ChannelKind
    goes_to: str
    least_severity: Severity
    kinds: list[str]
    language: str
    pace: Pace
    at_time: time | None
    weekday: int | None
    quiet_from: time | None
    quiet_until: time | None
    lets_critical_through: bool
    title_template: str
    body_template: str
    is_enabled: bool
    state: str = Field(description="`untried`, `good` or `bad`.")
    failures: int = Field(description="Messages in a row that did not go out.")
    retry_at: datetime | None
    trouble: str = Field(description="The last error in a sentence; it stays after the channel works again.")
    last_error_at: datetime | None
    last_sent_at: datetime | None
    created_at: datetime

    @staticmethod
    def resolve_trouble(channel: NotificationChannel) -> str:
        """In the reader's language."""
        return channel_troubles.say(channel.last_error)


class DeliveryOut(Schema):
    """What became of one alert by a channel."""

    alert_id: UUID
    state: str = Field(description="`waiting`, `sending`, `sent`, `failed`, or `unknown`: it may have arrived.")
    due_at: datetime
    attempts: int
    trouble: str
    ended_at: datetime | None

    @staticmethod
    def resolve_trouble(delivery: Delivery) -> str:
        """In the reader's language."""
        return channel_troubles.say(delivery.error)


class PreviewOut(Schema):
    """How an alert would look."""

    title: str
    body: str


class SwitchIn(Body):
    """Paused or not."""

    is_enabled: bool


@router.get("", response=answers(PageOut[ChannelOut]), url_name="channels")
def list_channels(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """The workspace's channels by name."""
    page = page_of(_mine(request), name="channels", order=("name", "id"), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.post("", response=answers(ChannelOut, 202), url_name="channels_add")
@idempotent
def add_channel(request: MemberRequest, payload: ChannelIn) -> Any:
    """Add a channel. A test message is sent at once; poll its `state`."""
    require_role(request, Role.OWNER)
    address = channel_addresses.address_of(payload.kind, payload.typed())
    channel = channels.add(
        workspace=request.workspace, kind=payload.kind, address=address, wish=payload.wish(), by=request.user,
        now=timezone.now(),
    )  # fmt: skip
    return Status(202, ChannelOut.from_orm(channel))


@router.post("/preview", response=answers(PreviewOut), url_name="channels_preview")
def preview(request: MemberRequest, payload: WishIn) -> Any:
    """An example alert by these words. Nothing is stored or sent."""
    require_role(request, Role.EDITOR)
    draft = channels.filled(NotificationChannel(workspace=request.workspace), payload.wish())
    shown = channel_words.preview(draft, timezone.now())
    return {"title": shown.title, "body": shown.body}


@router.get("/{channel_id}", response=answers(ChannelOut), url_name="channel")
def channel_detail(request: MemberRequest, channel_id: UUID) -> NotificationChannel:
    """One channel."""
    return _channel(request, channel_id)


@router.put("/{channel_id}", response=answers(ChannelOut), url_name="channel_change")
def change_channel(request: MemberRequest, channel_id: UUID, payload: ChannelIn) -> Any:
    """Change it; its kind stays. Without the fields of an address it leads where it did."""
    channel = _channel(request, channel_id)
    require_role(request, Role.OWNER)
    if payload.kind != channel.kind:
        raise channels.ChannelConflict(channels.kind_stays())
    typed = payload.typed()
    address = (
        channel_addresses.address_of(payload.kind, typed) if channel_addresses.is_typed(payload.kind, typed) else None
    )
    channels.change(channel=channel, wish=payload.wish(), address=address, by=request.user, now=timezone.now())
    return _channel(request, channel_id)


@router.post("/{channel_id}/test", response=answers(ChannelOut, 202), url_name="channel_test")
@idempotent
def test_channel(request: MemberRequest, channel_id: UUID) -> Any:
    """Send a test message."""
    channel = _channel(request, channel_id)
    require_role(request, Role.EDITOR)
    channels.order_try(channel=channel, by=request.user, now=timezone.now())
    return Status(202, ChannelOut.from_orm(channel))


@router.post("/{channel_id}/switch", response=answers(ChannelOut), url_name="channel_switch")
def switch_channel(request: MemberRequest, channel_id: UUID, payload: SwitchIn) -> Any:
    """Pause it: nothing leaves, what waits is dropped. Or resume it: alerts from now on."""
    channel = _channel(request, channel_id)
    require_role(request, Role.EDITOR)
    channels.switch(channel=channel, is_enabled=payload.is_enabled, by=request.user, now=timezone.now())
    return _channel(request, channel_id)


@router.get("/{channel_id}/deliveries", response=answers(PageOut[DeliveryOut]), url_name="channel_deliveries")
def list_deliveries(request: MemberRequest, channel_id: UUID, cursor: str = "", limit: Limit = 50) -> Any:
    """What became of each alert, the newest first."""
    mine = Delivery.objects.for_workspace(request.workspace).filter(channel=_channel(request, channel_id))
    page = page_of(mine, name="deliveries", order=("-id",), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


@router.delete("/{channel_id}", response=answers(None, 204), url_name="channel_remove")
def remove_channel(request: MemberRequest, channel_id: UUID) -> Any:
    """Erase it with its address."""
    channel = _channel(request, channel_id)
    require_role(request, Role.OWNER)
    channels.remove(channel=channel, by=request.user, now=timezone.now())
    return Status(204, None)


def _mine(request: MemberRequest) -> QuerySet[NotificationChannel]:
    return NotificationChannel.objects.for_workspace(request.workspace).defer("address_sealed")


def _channel(request: MemberRequest, channel_id: UUID) -> NotificationChannel:
    return get_object_or_404(_mine(request).select_related("workspace"), pk=channel_id)
