"""What the two routers of the monitoring API have in common: finding tasks, acting on them, answering histories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from pydantic import Field

from accounts.member_request import MemberRequest
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX, Page, page_of
from igsite.text import clean_text
from monitoring import acts, due_times, history, kept_histories
from monitoring.models import Monitor, MonitorKind, MonitorState
from monitoring.targets import Target

Limit = Annotated[int, Field(ge=1, le=API_MAX)]
SHOWN = (MonitorState.ACTIVE, MonitorState.PAUSED, MonitorState.STOPPED)


def create(request: MemberRequest, target: Target, interval: str) -> Monitor:
    """A new task, or a stopped one that goes on. Raises what :func:`monitoring.acts.create` raises."""
    require_role(request, Role.EDITOR)
    rhythm = acts.Rhythm(due_times.seconds_of(interval) or 0)
    return acts.create(
        workspace=request.workspace, target=target, rhythm=rhythm, by=request.user, now=timezone.now()
    )  # fmt: skip


def tasks(request: MemberRequest, kind: MonitorKind, cursor: str, limit: int) -> Page[Monitor]:
    """The workspace's tasks of a kind, newest first."""
    mine = Monitor.objects.for_workspace(request.workspace).filter(kind=kind, state__in=SHOWN)
    return page_of(mine, name=f"monitor-{kind}", order=("-created_at", "-id"), cursor=cursor, limit=limit)


def find(request: MemberRequest, kind: MonitorKind, task_id: UUID) -> Monitor:
    """One task; 404 for strangers and for those of the other kind."""
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace")
    return get_object_or_404(mine, kind=kind, uuid=task_id)


def stop(request: MemberRequest, kind: MonitorKind, task_ids: Sequence[UUID]) -> list[UUID]:
    """Stop those of them that are there; the ids of those that are stopped now."""
    require_role(request, Role.EDITOR)
    mine = Monitor.objects.for_workspace(request.workspace).filter(kind=kind, uuid__in=task_ids)
    now = timezone.now()
    stopped = [acts.stop(monitor=monitor, by=request.user, now=now) for monitor in mine.order_by("id")]
    ids = {monitor.uuid for monitor in stopped}
    return [task_id for task_id in dict.fromkeys(task_ids) if task_id in ids]


def pause(request: MemberRequest, kind: MonitorKind, task_id: UUID) -> dict[str, Any]:
    """Rest from now on."""
    monitor = find(request, kind, task_id)
    require_role(request, Role.EDITOR)
    monitor = acts.pause(monitor=monitor, by=request.user, now=timezone.now())
    return {"task_id": monitor.uuid, "status": monitor.state}


def resume(request: MemberRequest, kind: MonitorKind, task_id: UUID) -> dict[str, Any]:
    """Go on."""
    monitor = find(request, kind, task_id)
    require_role(request, Role.EDITOR)
    monitor = acts.resume(monitor=monitor, by=request.user, now=timezone.now())
    return {"task_id": monitor.uuid, "status": monitor.state}


def status(monitor: Monitor) -> dict[str, Any]:
    """How a task stands."""
    return {
        "status": monitor.state,
        "next_due_at": monitor.due_at if monitor.state == MonitorState.ACTIVE else None,
        "last_measured_at": monitor.checked_at,
        "gap": history.gap_now(monitor, now=timezone.now()),
    }


def profile_named(request: MemberRequest, user_id: str) -> Monitor:
    """The monitor of a profile by Instagram's number or by name; 404 where there is none."""
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace")
    mine = mine.filter(kind=MonitorKind.PROFILE)
    is_number = user_id.isascii() and user_id.isdigit() and len(user_id) < 19
    by_number = mine.filter(profile_id=int(user_id)).first() if is_number else None
    named = mine.filter(username=clean_text(user_id).strip().removeprefix("@").lower()).order_by("-state_at", "-id")
    monitor = by_number or named.filter(state__in=SHOWN).first() or named.first()
    if monitor is None:
        raise Http404
    return monitor


def history_of(monitor: Monitor, *, cursor: str, limit: int, names: dict[str, str]) -> dict[str, Any]:
    """A page of its history in the API's shape; ``names`` maps the API's names to ours."""
    now = timezone.now()
    kept = kept_histories.page(monitor, cursor=cursor, limit=limit, now=now)
    age = None if monitor.checked_at is None else max(0, int((now - monitor.checked_at).total_seconds()))
    return {
        "history": [
            {"recorded_at": datetime.fromisoformat(row["at"]), **{public: row[ours] for public, ours in names.items()}}
            for row in kept.rows
        ],
        "cached": kept.was_cached,
        "measured_at": monitor.checked_at,
        "age_seconds": age,
        "is_stale": age is not None and age > 2 * monitor.interval_seconds,
        "gap": history.gap_now(monitor, now=now),
        "next": kept.next,
    }
