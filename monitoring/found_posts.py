"""The posts of a followed profile: found, followed and measured from one read of its newest page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from accounts.gateway.results import Post
from igsite.live import hint
from monitoring import due_times, measuring, thinning
from monitoring.models import Monitor, MonitorKind, MonitorState
from monitoring.signals import post_found

#: Posts that are older than this when they are first seen are not followed.
YOUNG: Final = timedelta(days=30)
#: A list may show a post so much later than it was made. One that is older than the last look by more than this is no
#: news: it came back onto the page because newer ones went, or out of the archive.
LISTED_LATE: Final = timedelta(hours=1)


def seen(profile_monitor: Monitor, posts: Iterable[Post], *, source: str, now: datetime) -> int:
    """Follow the young ones that are new, measure those that are due. Returns how many are new.

    The first look is a baseline: its posts are followed, and no news.
    """
    looked_at, found = profile_monitor.posts_read_at, 0
    for post in posts:
        with transaction.atomic():
            child = _child(profile_monitor, post, now)
            if child is None:
                continue
            is_new = child.checked_at is None
            if child.state == MonitorState.ACTIVE and child.due_at <= now:
                measuring.measured(child.pk, child.due_at, post, source=source, now=now)
            if is_new and _is_news(post, looked_at):
                post_found.send(sender=Monitor, monitor=child, now=now)
            found += is_new
    Monitor.objects.filter(pk=profile_monitor.pk).update(posts_read_at=now)
    if found:
        hint(profile_monitor.topic, profile_monitor.workspace_id)
    return found


def _is_news(post: Post, looked_at: datetime | None) -> bool:
    return looked_at is not None and post.taken_at is not None and post.taken_at > looked_at - LISTED_LATE


def _child(parent: Monitor, post: Post, now: datetime) -> Monitor | None:
    """The post's monitor, made if the post is young; None for an old one that nobody follows."""
    mine = Monitor.objects.filter(workspace_id=parent.workspace_id, kind=MonitorKind.POST, code=post.code)
    known = mine.select_related("workspace").first()
    if known is not None or post.taken_at is None:
        return known
    seconds = thinning.interval_at(now - post.taken_at)
    if seconds is None or now - post.taken_at > YOUNG:
        return None
    child = Monitor(
        workspace_id=parent.workspace_id, kind=MonitorKind.POST, code=post.code, username=parent.username,
        parent=parent, posted_at=post.taken_at, interval_seconds=seconds, is_thinning=True,
        created_by_id=parent.created_by_id, created_at=now, updated_at=now, state_at=now, anchor_at=now, due_at=now,
    )  # fmt: skip
    child.anchor_at = due_times.first_anchor(str(child.uuid), child.interval, now, is_spread=True)
    Monitor.objects.bulk_create([child], ignore_conflicts=True)
    return mine.select_related("workspace").first()
