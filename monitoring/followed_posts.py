"""Posts that are followed by themselves go with their profile: they rest when it rests, and go on when it does.

One whose rhythm somebody changed is that person's own and stays as it is; so is one that was paused or stopped by
itself: only those that went to rest in the profile's own moment go on with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from igsite.live import hint
from monitoring import gaps, thinning
from monitoring.models import OPEN_STATES, Gap, Monitor, MonitorState

_RESTED: Final = {
    MonitorState.PAUSED: (MonitorState.ACTIVE,),
    MonitorState.STOPPED: OPEN_STATES,
    MonitorState.ARCHIVED: (*OPEN_STATES, MonitorState.STOPPED),
}


def rest(profile: Monitor, state: MonitorState, now: datetime) -> None:
    """The profile gets another ``state``, that of no measuring; within its transaction, before it is saved."""
    found = _followed(profile).filter(state__in=_RESTED[state])
    posts = list(found.select_for_update(of=("self",)).order_by("pk"))
    for post in posts:
        gaps.before_act(post, now)
        post.state, post.state_at, post.updated_at, post.taken_until = state, now, now, None
        hint(post.topic, post.workspace_id)
    Monitor.objects.bulk_update(posts, ["state", "state_at", "updated_at", "taken_until"])


def go_on(profile: Monitor, now: datetime) -> None:
    """The profile is measured again; within its transaction, while it still shows when it went to rest."""
    found = _followed(profile).filter(state=profile.state, state_at=profile.state_at)
    posts = [post for post in found.select_for_update(of=("self",)).order_by("pk") if _is_young(post, now)]
    why = _("Its profile was paused or stopped by a person.")
    code = "paused" if profile.state == MonitorState.PAUSED else "stopped"
    Gap.objects.bulk_create(
        Gap(monitor=post, since=min(post.state_at, now), until=now, code=code, why=why)
        for post in posts
        if post.checked_at is not None
    )
    for post in posts:
        post.state, post.state_at, post.updated_at, post.taken_until = MonitorState.ACTIVE, now, now, None
        thinning.thin(post, now)
        post.due_at = post.pattern.after(now)
        hint(post.topic, post.workspace_id)
    fields = ["state", "state_at", "updated_at", "taken_until", "due_at", "interval_seconds"]
    Monitor.objects.bulk_update(posts, fields)


def _followed(profile: Monitor) -> QuerySet[Monitor]:
    if not profile.is_profile:
        return Monitor.objects.none()
    return Monitor.objects.filter(parent=profile, is_thinning=True).select_related("workspace")


def _is_young(post: Monitor, now: datetime) -> bool:
    return post.posted_at is not None and thinning.interval_at(now - post.posted_at) is not None
