"""Ghost followers: who neither liked nor commented on an account's last posts, as far as Instagram shows it.

Instagram shows about a thousand likers a post, and comments page by page: every report says how much of what the posts
claim was seen. Whoever is shown somewhere is no ghost; whoever is not may still have liked where not all was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import connect
from accounts.models import InstagramLogin, LoginStatus, Profile, TrackedAccount
from automation import staging
from automation.models import ActionKind, Batch, GhostPost, GhostReport
from igsite import audit
from igsite.jobs import runner
from igsite.paging import BadCursor, Page, open_cursor, seal_cursor
from igsite.problems import Conflict, Invalid
from scans.models import Direction, EdgeList

if TYPE_CHECKING:
    from accounts.models import User

GHOSTS: Final = "actions.ghosts"
MOST_POSTS: Final = 30
#: Pages of comments read of one post.
COMMENT_PAGES: Final = 10


class NotReportable(Invalid):
    """There is nothing to report on; the message says why."""

    code = "not_reportable"


class NotRead(Conflict):
    """The report is not read to its end."""

    code = "report_not_read"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what the posts claim was seen. ``unreadable`` posts could not be read at all."""

    posts: int
    read: int
    unreadable: int
    likes: int
    likers_seen: int
    comments: int
    comments_seen: int

    @property
    def likes_percent(self) -> int:
        """Of the likes, so many were shown; rounded down, so that 100 means all."""
        return min(100, self.likers_seen * 100 // self.likes) if self.likes else 100

    @property
    def comments_percent(self) -> int:
        """The same for comments."""
        return min(100, self.comments_seen * 100 // self.comments) if self.comments else 100

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left unseen."""
        return not self.unreadable and self.likes_percent == 100 and self.comments_percent == 100


def order(*, account: TrackedAccount, login: InstagramLogin, posts: int, by: User | None, now: datetime) -> GhostReport:
    """A report, read by a job within the login's budget: the posts, and of each its likers and comments.

    Raises:
        NotReportable: the followers were never scanned, too many posts, or the login is not of the workspace.
    """
    if not 1 <= posts <= MOST_POSTS:
        raise NotReportable(_("Choose 1 to %(most)s posts.") % {"most": MOST_POSTS})
    if login.workspace_id != account.workspace_id or login.status == LoginStatus.REMOVED:
        raise NotReportable(_("This login is not one of the workspace."))
    if account.profile_id is None or _list_of(account) is None:
        raise NotReportable(_("Scan the followers of @%(name)s first.") % {"name": account.username})
    with transaction.atomic():
        report = GhostReport.objects.create(
            workspace=account.workspace, account=account, login=login, posts_wanted=posts, created_by=by,
            created_at=now,
        )  # fmt: skip
        job = runner.enqueue(
            GHOSTS, workspace=account.workspace, by=by, params={"report": str(report.pk)},
            subject=f"@{account.username}", lane=connect.lane(login.pk), total=posts, due_at=now,
        )  # fmt: skip
        report.job_uuid = job.uuid
        report.save(update_fields=["job_uuid"])
        audit.record(by, "ghosts.ordered", report, workspace=account.workspace, now=now, details={"posts": posts})
    return report


def coverage(report: GhostReport) -> Coverage:
    """What was seen of the posts. One query."""
    rows = list(GhostPost.objects.filter(report=report).order_by("position"))
    done = [row for row in rows if row.read_at is not None and row.is_readable]
    return Coverage(
        posts=len(rows), read=len(done), unreadable=sum(not row.is_readable for row in rows),
        likes=sum(row.likes or 0 for row in done), likers_seen=sum(row.likers_seen for row in done),
        comments=sum(row.comments or 0 for row in done), comments_seen=sum(row.comments_seen for row in done),
    )  # fmt: skip


_GHOSTS: Final = """
select e.profile_id from edge_current e
where e.list_id = %(list)s and e.profile_id > %(after)s and not exists (
    select 1 from automation_activeperson a where a.report_id = %(report)s and a.target_pk = e.profile_id
) order by e.profile_id limit %(limit)s
"""


def pks(report: GhostReport, *, after: int = 0, limit: int) -> list[int]:
    """Followers now on the stored list who were seen nowhere, by their number."""
    edges = _list_of(report.account)
    if edges is None:
        return []
    values: dict[str, int | UUID] = {"list": edges.pk, "report": report.pk, "after": after, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_GHOSTS, values)
        return [pk for (pk,) in cursor.fetchall()]


def page(report: GhostReport, *, cursor: str = "", limit: int = 50) -> Page[Profile]:
    """One page of them, as people. Three queries however many they are."""
    name = f"ghosts-{report.pk}"
    after = open_cursor(name, cursor)[0] if cursor else 0
    if not isinstance(after, int):
        raise BadCursor(_("This cursor cannot be used. Start again from the first page."))
    found = pks(report, after=after, limit=limit + 1)
    shown = found[:limit]
    people = Profile.objects.in_bulk(shown)
    onward = seal_cursor(name, [shown[-1]]) if len(found) > limit else ""
    return Page([people[pk] for pk in shown if pk in people], onward)


def stage(report: GhostReport, *, kind: ActionKind, login: InstagramLogin, by: User | None, now: datetime) -> Batch:
    """A batch of the ghosts, to be reviewed; the reason says how much was seen.

    Raises:
        NotRead: the report is still being read.
        automation.staging.NotStageable: nobody is a ghost.
    """
    if report.ended_at is None:
        raise NotRead(_("This report is still being read."))
    seen = coverage(report)
    reason = _("No like or comment seen on the last %(posts)s posts (%(percent)s %% of the likes were shown)") % {
        "posts": seen.read, "percent": seen.likes_percent,
    }  # fmt: skip
    found = pks(report, limit=staging.MOST_NAMED)
    return staging.stage(
        workspace=report.workspace, login=login, kind=kind, pks=found, by=by, now=now, reason=reason
    )  # fmt: skip


def _list_of(account: TrackedAccount) -> EdgeList | None:
    lists = EdgeList.objects.for_workspace(account.workspace_id)
    return lists.filter(account=account, direction=Direction.FOLLOWERS, last_seq__gt=0).first()


def codes(report: GhostReport) -> list[str]:
    """The short codes of the posts that were looked at, the newest first."""
    mine = GhostPost.objects.filter(report=report).order_by("position")
    return list(mine.values_list("code", flat=True))
