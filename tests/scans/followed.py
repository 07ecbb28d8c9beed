"""Accounts whose lists are scanned and worked out, for tests of what compares accounts."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Profile, TrackedAccount, Workspace
from igsite.jobs.models import Job
from igsite.jobs.runner import run_inline
from scans import bitmaps
from scans.models import Direction
from tests.scans import listed


def account(workspace: Workspace, pk: int, name: str) -> TrackedAccount:
    """A tracked account whose profile is number ``pk``."""
    profile = Profile.objects.get_or_create(pk=pk, defaults={"username": name, "full_name": name.title()})[0]
    return TrackedAccount.objects.create(workspace=workspace, username=name, profile=profile)


def scan(
    tracked: TrackedAccount,
    followers: Iterable[int] | None = None,
    following: Iterable[int] | None = None,
    stop: str = "",
) -> None:
    """A scan of one or both lists; its figures are worked out as the site does it."""
    for direction, people in ((Direction.FOLLOWERS, followers), (Direction.FOLLOWING, following)):
        if people is not None:
            shown = [
                listed.person(pk, is_private=pk % 2 == 0, is_verified=pk % 5 == 0 if pk % 3 else None) for pk in people
            ]
            listed.scanned(tracked, shown, direction=direction, stop=stop)
    work_out()


def work_out() -> None:
    """Runs the jobs that scans left behind."""
    for job in Job.objects.open().filter(kind=bitmaps.FIGURES_JOB):
        run_inline(job)
