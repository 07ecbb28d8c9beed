"""The inbox of alerts, and the bell."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from accounts.member_request import MemberRequest
from igsite.htmx import is_fragment, redirect, render_page
from monitoring import alert_inbox, alert_rules
from monitoring.alert_inbox import Wish
from monitoring.models import Alert, AlertKind

PAGE = 50


@require_safe
def inbox(request: MemberRequest) -> HttpResponse:
    """The alerts, the newest first."""
    asked = {name: request.GET.get(name, "")[:100] for name in ("show", "kind", "about")}
    wish = Wish(asked["show"] == "unread", asked["kind"], asked["about"])
    page = alert_inbox.page(
        request.workspace, request.user, wish, now=timezone.now(), cursor=request.GET.get("cursor", ""), limit=PAGE
    )
    context = {
        "page": page, "filters": asked, "is_filtered": any(asked.values()), "kinds": AlertKind,
        "snoozes": alert_rules.SNOOZES,
    }  # fmt: skip
    parts = {"alerts": "alerts/_list.html", "more-rows": "alerts/_rows.html"}
    return render_page(request, "alerts/inbox.html", context, partials=parts)


@require_safe
def bell(request: MemberRequest) -> HttpResponse:
    """The bell alone, read again when something happened; asked for as a page it leads to the inbox."""
    if not is_fragment(request):
        return redirect(request, "alerts:inbox")
    return render(request, "alerts/_bell.html")


@require_POST
def read(request: MemberRequest, alert_id: UUID) -> HttpResponse:
    """This person has read it."""
    alert = get_object_or_404(Alert.objects.for_workspace(request.workspace).select_related("rule"), pk=alert_id)
    item = alert_inbox.mark_read(alert, request.user, now=timezone.now())
    if not is_fragment(request):
        return redirect(request, "alerts:inbox")
    answer = render(request, "alerts/_row.html", {"item": item, "snoozes": alert_rules.SNOOZES})
    return trigger_client_event(answer, "alerts-read")


@require_POST
def read_all(request: MemberRequest) -> HttpResponse:
    """This person has read everything."""
    count = alert_inbox.mark_all_read(request.workspace, request.user, now=timezone.now())
    said = ngettext("%(count)d alert was marked as read.", "%(count)d alerts were marked as read.", count)
    messages.success(request, said % {"count": count})
    return redirect(request, "alerts:inbox")
