"""The bell on every page, and the panel of the dashboard: what is news to whoever looks."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from monitoring import alert_inbox
from monitoring.alert_inbox import Item


def context(request: HttpRequest) -> dict[str, Any]:
    """For templates; the queries are made by those that show it."""
    return {"alerts_unread": partial(_unread, request), "alerts_latest": partial(_latest, request)}


def _unread(request: HttpRequest) -> int:
    workspace, user = getattr(request, "workspace", None), request.user
    if workspace is None or not user.is_authenticated:
        return 0
    return alert_inbox.unread_count(workspace, user, now=timezone.now())


def _latest(request: HttpRequest) -> list[Item]:
    workspace, user = getattr(request, "workspace", None), request.user
    if workspace is None or not user.is_authenticated:
        return []
    return alert_inbox.latest(workspace, user, now=timezone.now())
