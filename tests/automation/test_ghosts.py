"""Ghost followers: nobody who is shown to have liked or commented is one, and what was not shown is said."""

from __future__ import annotations

import pytest

from accounts.models import TrackedAccount
from automation import ghosts, ghosts_job
from automation.models import ActionKind, ActivePerson, GhostPost, GhostReport, Item
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor
from tests.scans.scanner import Scanner


@pytest.fixture
def account(actor: Actor) -> TrackedAccount:
    """With its followers scanned."""
    scanner = Scanner(actor.instagram, actor.login)
    found = scanner.track("tiny.pottery")
    scanner.scan(found)
    found.refresh_from_db()
    return found


def order(actor: Actor, account: TrackedAccount, posts: int = 3) -> GhostReport:
    return ghosts.order(
        account=account, login=actor.login, posts=posts, by=actor.instagram.person, now=actor.instagram.clock()
    )


def finish(actor: Actor, report: GhostReport) -> GhostReport:
    work_off(Job.objects.get(kind=ghosts.GHOSTS), actor.instagram.clock)
    report.refresh_from_db()
    return report


def test_who_likes_or_comments_is_no_ghost(actor: Actor, account: TrackedAccount, clock: ManualClock) -> None:
    report = finish(actor, order(actor, account))
    seen = ghosts.coverage(report)
    assert (seen.posts, seen.read, seen.unreadable) == (3, 3, 0)
    assert report.ended_at is not None
    active = set(ActivePerson.objects.filter(report=report).values_list("target_pk", flat=True))
    followers = set(actor.truth("tiny.pottery"))
    found = set(ghosts.pks(report, limit=1_000))
    assert active
    assert found == followers - active
    batch = ghosts.stage(report, kind=ActionKind.REMOVE, login=actor.login, by=None, now=clock())
    assert set(Item.objects.filter(batch=batch).values_list("target_pk", flat=True)) == found
    assert Item.objects.filter(batch=batch, reason__contains="3 posts").count() == len(found)


def test_pages_hold_each_ghost_once(actor: Actor, account: TrackedAccount) -> None:
    report = finish(actor, order(actor, account, posts=1))
    shown, cursor = [], ""
    while True:
        page = ghosts.page(report, cursor=cursor, limit=7)
        shown += [person.pk for person in page.items]
        if not (cursor := page.next):
            break
    assert shown == ghosts.pks(report, limit=1_000)


def test_what_was_not_shown_is_said(actor: Actor, account: TrackedAccount) -> None:
    report = finish(actor, order(actor, account, posts=1))
    GhostPost.objects.filter(report=report).update(likes=1_000, likers_seen=333, comments=0, comments_seen=0)
    seen = ghosts.coverage(report)
    assert (seen.likes_percent, seen.comments_percent, seen.is_whole) == (33, 100, False)


def test_a_report_that_is_cancelled_says_what_it_did_not_read(actor: Actor, account: TrackedAccount) -> None:
    report = order(actor, account)
    with pytest.raises(ghosts.NotRead):
        ghosts.stage(report, kind=ActionKind.REMOVE, login=actor.login, by=None, now=actor.instagram.clock())
    GhostPost.objects.create(report=report, position=0, post_pk=5, code="x", likes=5)
    runner.cancel(Job.objects.get(kind=ghosts.GHOSTS), by=None)
    report.refresh_from_db()
    assert report.ended_at is not None
    assert (ghosts.coverage(report).unreadable, ghosts.coverage(report).is_whole) == (1, False)


def test_what_cannot_be_reported_is_refused(actor: Actor, account: TrackedAccount) -> None:
    unscanned = Scanner(actor.instagram, actor.login).track("northwind_run")
    for asked, posts in ((account, 0), (account, 31), (unscanned, 3)):
        with pytest.raises(ghosts.NotReportable):
            order(actor, asked, posts)
    assert not GhostReport.objects.exists()
    assert ghosts_job.ReadGhosts.name == ghosts.GHOSTS
