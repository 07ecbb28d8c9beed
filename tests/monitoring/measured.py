"""Monitors for tests that are told their measurements, as a source's answers are written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from accounts.gateway.results import Post, Profile
from accounts.models import TrackedAccount, Workspace
from monitoring import measuring
from monitoring.models import Alert, AlertKind, AlertRule, Monitor, MonitorKind

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_numbers = count(1)


def monitor(workspace: Workspace, name: str = "mira", *, seconds: int = 3_600) -> Monitor:
    """A profile that is monitored and was never measured."""
    return Monitor.objects.create(
        workspace=workspace, kind=MonitorKind.PROFILE, username=name, interval_seconds=seconds, anchor_at=NOW,
        due_at=NOW, is_spread=False,
    )  # fmt: skip


def post_of(profile: Monitor, posted_at: datetime) -> Monitor:
    """A followed post of the profile."""
    return Monitor.objects.create(
        workspace=profile.workspace, kind=MonitorKind.POST, code=f"post{next(_numbers)}", username=profile.username,
        parent=profile, posted_at=posted_at, interval_seconds=3_600, anchor_at=posted_at, due_at=posted_at,
        is_spread=False,
    )  # fmt: skip


def tracked(workspace: Workspace, of: Monitor, *tags: str) -> TrackedAccount:
    """The account of a monitored profile that was measured."""
    return TrackedAccount.objects.create(
        workspace=workspace, username=of.username, profile_id=of.profile_id, tags=list(tags)
    )


def measure(what: Monitor, at: datetime, followers: int | None = 1_000, **more: Any) -> None:
    """A source answers for the profile at ``at``."""
    seen = Profile(
        pk=7_000 + what.pk, username=what.username, followers_count=followers,
        following_count=more.pop("following", 300), posts_count=more.pop("posts", 20), **more,
    )  # fmt: skip
    _take(what, at, seen)


def measure_post(what: Monitor, at: datetime, likes: int, comments: int = 0) -> None:
    """A source answers for the post at ``at``."""
    seen = Post(
        pk=9_000 + what.pk, code=what.code, owner_pk=None, taken_at=what.posted_at, kind="image", like_count=likes,
        comment_count=comments,
    )  # fmt: skip
    _take(what, at, seen)


def _take(what: Monitor, at: datetime, seen: Profile | Post) -> None:
    Monitor.objects.filter(pk=what.pk).update(due_at=at)
    assert measuring.measured(what.pk, at, seen, source="test", now=at) is not None
    what.refresh_from_db()


def rule(workspace: Workspace, kind: AlertKind, **more: Any) -> AlertRule:
    """A rule that somebody made."""
    return AlertRule.objects.create(workspace=workspace, kind=kind, **more)


def said(workspace: Workspace) -> list[str]:
    """The keys of the alerts' words, in the order of what happened."""
    return list(Alert.objects.for_workspace(workspace).order_by("at", "change_key").values_list("message", flat=True))
