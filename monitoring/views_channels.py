"""Settings: where alerts are sent to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.member_request import MemberRequest
from igsite.htmx import render_page
from igsite.ownership import Role, may, require_role
from igsite.paging import page_of
from igsite.problems import Problem
from monitoring import alert_words, channel_troubles, channel_words, channels
from monitoring.channel_sending import Message
from monitoring.forms_channels import ChannelForm
from monitoring.models import ChannelKind, Delivery, NotificationChannel

PAGE = 50
DELIVERIES = 20


@require_GET
def listing(request: MemberRequest) -> HttpResponse:
    """Every channel with its health."""
    mine = NotificationChannel.objects.for_workspace(request.workspace).defer("address_sealed")
    page = page_of(mine, name="channels", order=("name", "id"), cursor=request.GET.get("cursor", ""), limit=PAGE)
    shown = {"page": _with_trouble(page), "is_owner": may(request, Role.OWNER), "kinds": ChannelKind.choices}
    return render_page(request, "notifications/list.html", shown, partials={"more-rows": "notifications/_rows.html"})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """A new channel of ``?kind=``; a test message is sent at once."""
    require_role(request, Role.OWNER)
    kind = request.GET.get("kind", ChannelKind.EMAIL)
    if kind not in ChannelKind.values:
        raise Http404
    form, preview = ChannelForm(kind, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                preview = _preview(NotificationChannel(workspace=request.workspace, kind=kind), form)
            else:
                address = form.address()
                assert address is not None  # noqa: S101 - a new channel has one, or address() raised
                channel = channels.add(
                    workspace=request.workspace, kind=kind, address=address, wish=form.wish(), by=request.user,
                    now=timezone.now(),
                )  # fmt: skip
                return redirect("notifications:detail", channel.pk)
        except Problem as refused:
            form.refuse(refused)
    shown = {"form": form, "kind": ChannelKind(kind), "kinds": ChannelKind.choices, "preview": preview}
    return render(request, "notifications/add.html", shown, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def detail(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """One channel: how it does, what was sent by it, and what can be changed."""
    channel = _find(request, channel_id)
    if request.method == "POST":
        require_role(request, Role.OWNER)
    form, preview = ChannelForm(channel.kind, request.POST or None, channel=channel), None
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                preview = _preview(channel, form)
            else:
                wish, address = form.wish(), form.address()
                channels.change(channel=channel, wish=wish, address=address, by=request.user, now=timezone.now())
                messages.success(request, _("The channel was changed."))
                return redirect("notifications:detail", channel.pk)
        except Problem as refused:
            form.refuse(refused)
        channel = _find(request, channel_id)
    shown = _status_of(request, channel) | {"form": form, "preview": preview, "page": _deliveries(request, channel)}
    partials = {"more-rows": "notifications/_deliveries.html"}
    status_code = 422 if form.errors else 200
    return render_page(request, "notifications/detail.html", shown, partials=partials, status=status_code)


@never_cache
@require_GET
def status(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """The live part of the page."""
    return render(request, "notifications/_status.html", _status_of(request, _find(request, channel_id)))


@require_POST
def test_now(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Send a test message."""
    channel = _find(request, channel_id)
    require_role(request, Role.EDITOR)
    channels.order_try(channel=channel, by=request.user, now=timezone.now())
    messages.info(request, _("A test message is on its way to %(name)s.") % {"name": channel.name})
    return redirect("notifications:detail", channel.pk)


@require_POST
def switch(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Pause or resume it."""
    channel = _find(request, channel_id)
    require_role(request, Role.EDITOR)
    is_enabled = request.POST.get("to") == "on"
    channels.switch(channel=channel, is_enabled=is_enabled, by=request.user, now=timezone.now())
    words = _("%(name)s sends alerts from now on.") if is_enabled else _("%(name)s is paused. What waited is not sent.")
    messages.success(request, words % {"name": channel.name})
    return redirect("notifications:detail", channel.pk)


@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, channel_id: UUID) -> HttpResponse:
    """Ask, then erase it."""
    channel = _find(request, channel_id)
    require_role(request, Role.OWNER)
    if request.method == "GET":
        return render(request, "notifications/remove.html", {"channel": channel})
    channels.remove(channel=channel, by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s was removed, its address is erased.") % {"name": channel.name})
    return redirect("notifications:list")


def _preview(channel: NotificationChannel, form: ChannelForm) -> Message:
    """An example alert by the typed words; nothing is stored."""
    return channel_words.preview(channels.filled(channel, form.wish()), timezone.now())


def _deliveries(request: MemberRequest, channel: NotificationChannel) -> Any:
    mine = Delivery.objects.for_workspace(request.workspace).filter(channel=channel).select_related("alert")
    cursor = request.GET.get("cursor", "")
    page = page_of(mine, name="deliveries", order=("-id",), cursor=cursor, limit=DELIVERIES)
    for delivery in page.items:
        delivery.words = alert_words.say(delivery.alert)
        delivery.trouble = channel_troubles.say(delivery.error)
    return page


def _find(request: MemberRequest, channel_id: UUID) -> NotificationChannel:
    mine = NotificationChannel.objects.for_workspace(request.workspace).select_related("workspace")
    return get_object_or_404(mine, pk=channel_id)


def _with_trouble(page: Any) -> Any:
    for channel in page.items:
        channel.trouble = channel_troubles.say(channel.last_error)
    return page


def _status_of(request: MemberRequest, channel: NotificationChannel) -> dict[str, Any]:
    return {
        "channel": channel,
        "trouble": channel_troubles.say(channel.last_error),
        "is_owner": may(request, Role.OWNER),
        "can_edit": may(request, Role.EDITOR),
        "now": timezone.now(),
    }
