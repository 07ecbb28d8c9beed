"""What an Instagram login asked of Instagram."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.member_request import MemberRequest
from accounts.usage import usage_of
from accounts.usage_history import SPANS, Span, history, next_read, warm_up
from accounts.views_logins import find


@never_cache
@require_GET
def usage(request: MemberRequest, login_id: UUID) -> HttpResponse:
    """Requests by kind over time, what is left, what was refused, and when it reads next."""
    login, now = find(request, login_id), timezone.now()
    name = request.GET.get("span", "")
    span = SPANS.get(name, SPANS["day"])
    found = history(login, span, now)
    shown = {
        "login": login,
        "spans": SPANS,
        "span": name if name in SPANS else "day",
        "history": found,
        "labels": [_label(start, span) for start in found.starts],
        "usage": usage_of(login, now),
        "warm_up": warm_up(login, now),
        "next_read": next_read(login, now),
        "now": now,
        "calls": list(login.calls.order_by("-at", "-id")[:20]),
    }
    return render(request, "logins/usage.html", shown)


def _label(start: datetime, span: Span) -> str:
    local = timezone.localtime(start)
    return f"{local:%H:%M}" if span.width.days < 1 else date_format(local, "j M")
