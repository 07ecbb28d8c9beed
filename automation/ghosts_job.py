"""The job that reads who liked and commented on an account's last posts: one request a step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect
from accounts.gateway.errors import Gone, Private
from accounts.login_steps import guarded
from accounts.models import InstagramLogin
from automation import ghosts
from automation.models import ActivePerson, GhostPost, GhostReport
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run


@register
class ReadGhosts(Kind):
    """The posts, then of each its likers and its comments."""

    name = ghosts.GHOSTS
    label = gettext_lazy("Look for ghost followers")

    def step(self, run: Run) -> Outcome:
        """One request."""
        report = GhostReport.objects.select_related("login", "account").filter(pk=run.params["report"]).first()
        if report is None:
            return Done(_("The report was removed."))
        if not run.cursor.get("listed"):
            return guarded(run, report.login, lambda login: _list_posts(run, login, report))
        post = GhostPost.objects.filter(report=report, read_at=None).order_by("position").first()
        if post is None:
            return Done(_("Every post was read as far as Instagram shows it."))
        return guarded(run, report.login, lambda login: _read(run, login, post))

    def ended(self, job: Job) -> None:
        """However it ended, nothing more is read; what was not read counts as unreadable."""
        now = job.finished_at or timezone.now()
        unread = GhostPost.objects.filter(report_id=job.params["report"], read_at=None)
        unread.update(read_at=now, is_readable=False)
        GhostReport.objects.filter(pk=job.params["report"], ended_at=None).update(ended_at=now)


def _list_posts(run: Run, login: InstagramLogin, report: GhostReport) -> Outcome:
    if report.account.profile_id is None:
        return Failed(_("The account is not known any more."), "gone")
    with connect.gateway_for(login, clock=run.now) as gateway:
        found = gateway.posts(report.account.profile_id).posts[: report.posts_wanted]
    with run.save(cursor={"listed": True}) as progress:
        GhostPost.objects.bulk_create(
            [
                GhostPost(
                    report=report, position=position, post_pk=post.pk, code=post.code, taken_at=post.taken_at,
                    likes=post.like_count, comments=post.comment_count,
                )
                for position, post in enumerate(found)
            ],
            ignore_conflicts=True,
        )  # fmt: skip
        progress.total = len(found)
    return Again()


def _read(run: Run, login: InstagramLogin, post: GhostPost) -> Outcome:
    """Likers first, then pages of comments."""
    state: dict[str, Any] = run.cursor if run.cursor.get("post") == post.pk else {"listed": True, "post": post.pk}
    with connect.gateway_for(login, clock=run.now) as gateway:
        try:
            if "pages" not in state:
                people = [one.pk for one in gateway.likers(post.post_pk)]
                post.likers_seen = len(set(people))
                return _kept(run, post, state | {"pages": 0}, people)
            page = gateway.comments(post.post_pk, state.get("page"))
        except (Gone, Private):
            post.is_readable, post.read_at = False, run.now()
            return _kept(run, post, {"listed": True}, ())
    pages, onward = state["pages"] + 1, page.next_cursor
    post.comments_seen += len(page.comments)
    is_over = onward is None or pages >= ghosts.COMMENT_PAGES or onward == state.get("page")
    post.read_at = run.now() if is_over else None
    cursor = {"listed": True} if is_over else state | {"pages": pages, "page": onward}
    return _kept(run, post, cursor, [one.author.pk for one in page.comments])


def _kept(run: Run, post: GhostPost, cursor: dict[str, Any], people: Iterable[int | None]) -> Outcome:
    with run.save(cursor=cursor) as progress:
        ActivePerson.objects.bulk_create(
            [ActivePerson(report_id=post.report_id, target_pk=pk) for pk in {*people} if pk], ignore_conflicts=True
        )
        post.save(update_fields=["likers_seen", "comments_seen", "read_at", "is_readable"])
        progress.done = GhostPost.objects.filter(report_id=post.report_id, read_at__isnull=False).count()
    return Again()
