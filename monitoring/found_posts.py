"""The posts of a followed profile: found, followed and measured from one read of its newest page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

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

    The first look is a baseline: its posts are followed, and no news. If the profile was paused, or is no longer
    followed since its page was asked for, nothing is written.
    """
    shown = {post.code: post for post in posts}
    with transaction.atomic():
        known = _standing(profile_monitor, shown)
        profile = known.get("")
        if profile is None or profile.state != MonitorState.ACTIVE or not profile.follows_posts:
            return 0
        unknown = [post for code, post in shown.items() if code not in known]
        Monitor.objects.bulk_create(_young(profile, unknown, now), ignore_conflicts=True)
        standing = _standing(profile, shown)
        _measure(standing, shown, source, now)
        new = [standing[post.code] for post in unknown if post.code in standing]
        for monitor in new:
            if _is_news(shown[monitor.code], profile.posts_read_at):
                post_found.send(sender=Monitor, monitor=monitor, now=now)
        Monitor.objects.filter(pk=profile.pk).update(posts_read_at=now)
        if new:
            hint(profile.topic, profile.workspace_id)
    return len(new)


def _standing(profile: Monitor, codes: Collection[str]) -> dict[str, Monitor]:
    """The monitors of these posts by code, and the profile's own by "", locked in the one order of all who measure."""
    posts = Q(workspace_id=profile.workspace_id, kind=MonitorKind.POST, code__in=list(codes))
    mine = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("workspace", "parent")
    return {one.code: one for one in mine.filter(Q(pk=profile.pk) | posts).order_by("pk")}


def _measure(standing: dict[str, Monitor], shown: dict[str, Post], source: str, now: datetime) -> None:
    """Those that are due. One without any count waits for its next due time, and keeps no other from it."""
    reads = []
    for code, post in shown.items():
        monitor = standing.get(code)
        if monitor is None or monitor.state != MonitorState.ACTIVE or monitor.due_at > now:
            continue
        try:
            reads.append(measuring.read(monitor.pk, monitor.due_at, post, source=source, now=now))
        except measuring.NoCounts as none:
            measuring.failed(monitor.pk, monitor.due_at, code=none.code, why=str(none), now=now)
    measuring.measured_all(reads)


def _is_news(post: Post, looked_at: datetime | None) -> bool:
    return looked_at is not None and post.taken_at is not None and post.taken_at > looked_at - LISTED_LATE


def _young(parent: Monitor, posts: Iterable[Post], now: datetime) -> list[Monitor]:
    """A monitor for each post that is young; one that is there already stays."""
    made = []
    for post in posts:
        seconds = None if post.taken_at is None else thinning.interval_at(now - post.taken_at)
        if seconds is None or post.taken_at is None or now - post.taken_at > YOUNG:
            continue
        child = Monitor(
            workspace_id=parent.workspace_id, kind=MonitorKind.POST, code=post.code, username=parent.username,
            parent=parent, posted_at=post.taken_at, interval_seconds=seconds, is_thinning=True,
            created_by_id=parent.created_by_id, created_at=now, updated_at=now, state_at=now, anchor_at=now, due_at=now,
        )  # fmt: skip
        child.anchor_at = due_times.first_anchor(str(child.uuid), child.interval, now, is_spread=True)
        made.append(child)
    return made
