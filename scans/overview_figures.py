"""What the dashboard says about a workspace: stored figures summed up, never counted row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q, Sum, Window
from django.db.models.functions import RowNumber

from accounts.models import InstagramLogin, LoginStatus, TrackedAccount, Workspace
from igsite.jobs.models import Job, JobState
from scans.export_import import IMPORT_JOB
from scans.follower_scan import KEEP_JOB, PEOPLE_JOB
from scans.models import Direction, EdgeList, ListScan, Scan, ScanState
from scans.models.runs import OPEN_STATES

WINDOW: Final = timedelta(days=7)
GROWTH: Final = timedelta(days=30)
#: Points of an account's line on the dashboard.
LINE_POINTS: Final = 30
NEEDS_A_PERSON: Final = (
    LoginStatus.NEEDS_CODE,
    LoginStatus.NEEDS_APPROVAL,
    LoginStatus.NEEDS_LOGIN,
    LoginStatus.FROZEN,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Accounts tracked; entries on all stored lists; followers new and lost in the last seven days; the last scan."""

    accounts: int
    people: int
    new: int
    lost: int
    last_scan: Scan | None


def figures(workspace: Workspace, now: datetime) -> Figures:
    """The key figures of ``workspace`` at ``now``."""
    recent = ListScan.objects.for_workspace(workspace).filter(
        direction=Direction.FOLLOWERS, seq__isnull=False, finished_at__gte=now - WINDOW
    )
    sums = recent.aggregate(new=Sum("new_count"), lost=Sum("lost_count"))
    ended = Scan.objects.for_workspace(workspace).exclude(state__in=OPEN_STATES).select_related("account")
    return Figures(
        accounts=TrackedAccount.objects.for_workspace(workspace).count(),
        people=EdgeList.objects.for_workspace(workspace).aggregate(people=Sum("people_count"))["people"] or 0,
        new=sums["new"] or 0,
        lost=sums["lost"] or 0,
        last_scan=ended.order_by("-created_at", "-id").first(),
    )


def open_scans(workspace: Workspace, most: int = 6) -> list[Scan]:
    """Scans that wait or run, newest first."""
    running = Scan.objects.for_workspace(workspace).filter(state__in=OPEN_STATES).select_related("account", "login")
    return list(running.order_by("-created_at", "-id")[:most])


def other_tasks(workspace: Workspace, most: int = 4) -> list[Job]:
    """Tasks besides scans that are at work, need a person or rest half-way to an end that is known, newest first.

    What measures for ever has no such end, and is seen while it works.
    """
    others = Job.objects.for_workspace(workspace).open().exclude(kind__in=(PEOPLE_JOB, KEEP_JOB, IMPORT_JOB))
    goes_on = Q(state__in=(JobState.RUNNING, JobState.BLOCKED)) | Q(total_units__isnull=False)
    return list(others.filter(goes_on).order_by("-created_at", "-uuid")[:most])


def recent_changes(workspace: Workspace, most: int = 8) -> list[ListScan]:
    """The last readings of lists that showed a difference to the one before, newest first."""
    stored = ListScan.objects.for_workspace(workspace).filter(seq__gt=1)
    differing = stored.exclude(new_count=0, lost_count=0, returned_count=0, renamed_count=0)
    return list(differing.select_related("scan__account__profile").order_by("-finished_at", "-id")[:most])


@dataclass(frozen=True, slots=True)
class Growth:
    """An account, its followers gained less lost within :data:`GROWTH`, and its last totals, oldest first."""

    account: TrackedAccount
    net: int
    line: list[int]


def growing(workspace: Workspace, now: datetime, most: int = 5) -> list[Growth]:
    """The accounts whose followers grew most, by complete scans after the baseline. Three queries."""
    complete = ListScan.objects.for_workspace(workspace).filter(
        direction=Direction.FOLLOWERS, state=ScanState.COMPLETE, total__isnull=False
    )
    recent = complete.filter(seq__gt=1, finished_at__gte=now - GROWTH).values("edge_list__account_id")
    sums = recent.annotate(net=Sum(F("new_count") + F("returned_count") - F("lost_count")))
    top = [(row["edge_list__account_id"], row["net"]) for row in sums.order_by("-net", "edge_list__account_id")[:most]]
    lines: dict[UUID, list[int]] = {account: [] for account, _net in top}
    newest = complete.filter(edge_list__account__in=list(lines)).order_by("-finished_at", "-id")
    for account, total in newest.values_list("edge_list__account_id", "total")[: most * LINE_POINTS]:
        lines[account].insert(0, total or 0)
    accounts = TrackedAccount.objects.for_workspace(workspace).select_related("profile").in_bulk(list(lines))
    return [Growth(accounts[pk], net, lines[pk]) for pk, net in top if pk in accounts]


def follower_lines(accounts: Sequence[TrackedAccount]) -> dict[UUID, list[int]]:
    """The last :data:`LINE_POINTS` totals of the followers of each account, oldest first, by complete scans. One query.

    The caller has the accounts through the door of their workspace.
    """
    newest_first = Window(
        RowNumber(), partition_by=F("edge_list__account_id"), order_by=[F("finished_at").desc(), F("id").desc()]
    )
    complete = ListScan.objects.filter(
        edge_list__account__in=[account.pk for account in accounts], direction=Direction.FOLLOWERS,
        state=ScanState.COMPLETE, total__isnull=False,
    )  # fmt: skip
    kept = complete.annotate(nth=newest_first).filter(nth__lte=LINE_POINTS).order_by("-nth")
    lines: dict[UUID, list[int]] = {account.pk: [] for account in accounts}
    for account, total in kept.values_list("edge_list__account_id", "total"):
        lines[account].append(total or 0)
    return lines


def logins_that_wait(workspace: Workspace) -> list[InstagramLogin]:
    """Logins whose next step is a person's."""
    waiting = InstagramLogin.objects.for_workspace(workspace).filter(status__in=NEEDS_A_PERSON)
    return list(waiting.order_by("username", "pk"))
