"""What the demo monitors: some of the simulator's accounts, measured by the site's own workers like everything else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from accounts.models import User, Workspace
from monitoring import acts
from monitoring.models import Monitor
from monitoring.targets import target_in

#: Who, every how many seconds, and whether their posts are followed.
MONITORS: Final = (
    ("@aurora.studio", 300, True),
    ("@northwind_run", 1_800, False),
    ("@tiny.pottery", 3_600, False),
)


def fill(workspace: Workspace, person: User, now: datetime, **_more: Any) -> None:
    """Once: a demo that monitors something, or did, stays as it is."""
    if Monitor.objects.for_workspace(workspace).exists():
        return
    for name, seconds, follows_posts in MONITORS:
        acts.create(
            workspace=workspace, target=target_in(name), rhythm=acts.Rhythm(seconds), follows_posts=follows_posts,
            by=person, now=now,
        )  # fmt: skip
