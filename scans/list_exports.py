"""Files of people or changes, narrowed down as a page shows them: ordered here, written by a job, kept for a week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import TrackedAccount
from igsite import audit
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.paging import Page
from igsite.problems import Conflict, Invalid
from igsite.text import clean_text
from scans import diffing, follow_dates, list_export_files, list_export_lines, people
from scans.diffing import LossFilter
from scans.models import ChangeKind, Direction, EdgeList, ListScan, LossReason, LossState
from scans.models.list_exports import ExportContent, ExportFormat, ListExport
from scans.people_choice import PeopleList, PeopleSort, Standing, Trait

EXPORT_JOB: Final = "scans.export"
KEPT: Final = timedelta(days=7)
#: Exports of one workspace that are being written.
OPEN_MOST: Final = 3
#: Rows fetched at a time.
PAGE: Final = 5_000

PEOPLE_HEADING: Final = (
    "pk", "username", "full_name", "is_private", "is_verified", "on_list_since", "follows_since", "followed_since",
)  # fmt: skip
CHANGES_HEADING: Final = (
    "change", "seen_at", "pk", "username", "full_name", "state", "reason", "basis", "checked_at", "old_name",
    "new_name",
)  # fmt: skip


class TooMany(Conflict):
    """Several exports of the workspace are being written: wait for one."""

    code = "too_many_exports"


@dataclass(frozen=True, slots=True)
class PeopleWish:
    """Whom to export, as :func:`scans.people.people` takes it."""

    which: PeopleList = PeopleList.FOLLOWERS
    search: str = ""
    standing: Standing = Standing.ALL
    traits: frozenset[Trait] = frozenset()
    sort: PeopleSort = PeopleSort.NAME

    @property
    def choice(self) -> dict[str, Any]:
        """For the export's row."""
        return {
            "list": self.which.value, "q": clean_text(self.search), "only": self.standing.value,
            "sort": self.sort.value, "traits": sorted(trait.value for trait in self.traits),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangesWish:
    """Which changes to export: of one list between two of its scans, the losses chosen by ``losses``."""

    direction: Direction
    since: int
    until: int
    losses: LossFilter = diffing.EVERY_LOSS

    @property
    def choice(self) -> dict[str, Any]:
        """For the export's row."""
        return {
            "list": self.direction.value, "since": self.since, "until": self.until,
            "state": self.losses.state, "reason": self.losses.reason, "unchecked": self.losses.unchecked,
        }  # fmt: skip


def order(
    *, account: TrackedAccount, wish: PeopleWish | ChangesWish, format_: ExportFormat, by: Any, now: datetime
) -> ListExport:
    """A file of what is wished, written by a job.

    Raises:
        TooMany: several are being written.
        people.NoLosses, diffing.NotComparable, Invalid: there is no such choice.
    """
    content = ExportContent.PEOPLE if isinstance(wish, PeopleWish) else ExportContent.CHANGES
    export = ListExport(
        pk=uuid4(), workspace_id=account.workspace_id, account=account, content=content, format=format_,
        choice=wish.choice, created_by=by, created_at=now, expires_at=now + KEPT,
        file_name=f"{account.username[:60]}-{wish.choice['list']}-{content}-{now:%Y-%m-%d}.{format_}",
    )  # fmt: skip
    source_of(export)("", 1)
    open_ones = Job.objects.open().filter(workspace_id=account.workspace_id, kind=EXPORT_JOB)
    if open_ones.count() >= OPEN_MOST:
        raise TooMany(_("Several exports are being written. Wait for one of them."))
    with transaction.atomic():
        job = runner.enqueue(
            EXPORT_JOB, workspace=account.workspace, by=by, params={"export": str(export.pk)},
            subject=export.file_name, subject_url=reverse("exports:list"),
        )  # fmt: skip
        export.job_uuid = job.uuid
        export.save(force_insert=True)
        details = {"content": content.value, "format": format_.value, **wish.choice}
        audit.record(by, "list.exported", account, workspace=account.workspace, details=details)
    return export


def remove(export: ListExport, *, by: Any) -> None:
    """Delete the export and its file; a job that still writes it ends."""
    job = Job.objects.named(export.job_uuid)
    with transaction.atomic():
        if job is not None and job.is_open:
            runner.cancel(job, by=by)
        export_id = export.pk
        audit.record(by, "list_export.deleted", export.file_name, workspace=export.workspace)
        export.delete()
        transaction.on_commit(lambda: list_export_files.delete(export_id))


def heading(export: ListExport) -> Sequence[str]:
    """The columns of the file."""
    return PEOPLE_HEADING if export.content == ExportContent.PEOPLE else CHANGES_HEADING


#: Rows from a cursor on, at most so many, and the cursor to go on from (empty: no more).
Source = Callable[[str, int], tuple[list[list[Any]], str]]


def source_of(export: ListExport) -> Source:
    """Where the rows of the file come from, page by page in constant memory."""
    return _people(export) if export.content == ExportContent.PEOPLE else _changes(export)


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines of the file, ``count`` of them; ``next`` as in :data:`Source`."""

    text: str
    count: int
    next: str


def lines_of(export: ListExport) -> Callable[[str, int], Lines]:
    """The same rows as lines of the file's format.

    Everybody on a long list, of whom no dates are known, is told by the database itself
    (:mod:`scans.list_export_lines`): a fraction of the work. The rest is put together here.
    """
    format_, columns, rows = ExportFormat(export.format), heading(export), source_of(export)
    quick = _quick(export, format_)

    def lines(cursor: str, limit: int) -> Lines:
        part = quick(cursor, limit) if quick else None
        if part is not None:
            return part
        found, onward = rows(cursor, limit)
        return Lines(list_export_files.told(format_, columns, found), len(found), onward)

    return lines


#: Lines cost so much less than rows that more of them are fetched at a time.
_AT_ONCE: Final = 4


def _quick(export: ListExport, format_: ExportFormat) -> Callable[[str, int], Lines | None] | None:
    account, choice = export.account, export.choice
    if export.content != ExportContent.PEOPLE or choice["q"] or choice["only"] or choice["traits"]:
        return None
    if follow_dates.are_known(account):
        return None
    which, sort = PeopleList(choice["list"]), PeopleSort(choice["sort"])
    seen = _seen(account, which)

    def write(row: Sequence[Any]) -> str:
        pk, username, full_name, is_private, is_verified, seq = row
        told = [pk if pk > 0 else None, username, full_name, is_private, is_verified, seen.get(seq, ""), "", ""]
        return list_export_files.told(format_, PEOPLE_HEADING, [told])

    def lines(cursor: str, limit: int) -> Lines | None:
        line = list_export_lines.line(format_, seen)
        page = people.told(account, which, line, sort=sort, cursor=cursor, limit=_AT_ONCE * limit)
        return Lines(list_export_lines.mended(page.text, write), page.count, page.next) if page else None

    return lines


def _seen(account: TrackedAccount, which: PeopleList) -> dict[int, str]:
    """When each scan of the list that ``which`` is walked along ended."""
    return _moments(account, Direction.FOLLOWING if which in _WALKS_FOLLOWING else Direction.FOLLOWERS)


def _people(export: ListExport) -> Source:
    account, choice = export.account, export.choice
    which = PeopleList(choice["list"])
    traits = frozenset(Trait(trait) for trait in choice["traits"])
    seen = _seen(account, which)

    def rows(cursor: str, limit: int) -> tuple[list[list[Any]], str]:
        page = people.people(
            account, which, search=choice["q"], standing=Standing(choice["only"]), traits=traits,
            sort=PeopleSort(choice["sort"]), cursor=cursor, limit=limit,
        )  # fmt: skip
        dates = follow_dates.of(account, (row.profile_id for row in page.items))
        found = []
        for row in page.items:
            since = dates.get(row.profile_id, follow_dates.NEVER_TOLD)
            found.append([
                row.pk, row.username, row.full_name, row.is_private, row.is_verified, seen.get(row.since_seq, ""),
                _told(since.follows), _told(since.followed),
            ])  # fmt: skip
        return found, page.next

    return rows


#: Lists whose rows are edges of "following".
_WALKS_FOLLOWING: Final = (PeopleList.FOLLOWING, PeopleList.DONT_FOLLOW_BACK)


def _changes(export: ListExport) -> Source:
    choice = export.choice
    direction = Direction(choice["list"])
    edges = EdgeList.objects.filter(account=export.account, direction=direction).first()
    if edges is None:
        raise Invalid(_("This list was never read."))
    losses = LossFilter(
        LossState(choice["state"]) if choice["state"] else None,
        LossReason(choice["reason"]) if choice["reason"] else None,
        unchecked=choice["unchecked"],
    )
    seen, kinds = _moments(export.account, direction), [kind.value for kind in ChangeKind]

    def rows(cursor: str, limit: int) -> tuple[list[list[Any]], str]:
        kind, _sep, within = (cursor or f"{kinds[0]} ").partition(" ")
        page: Page[diffing.Change] = diffing.changes(
            edges, ChangeKind(kind), since=choice["since"], until=choice["until"], cursor=within, limit=limit,
            losses=losses,
        )  # fmt: skip
        found = [_change(change, seen) for change in page.items]
        if page.next:
            return found, f"{kind} {page.next}"
        following = kinds[kinds.index(kind) + 1 :]
        return found, f"{following[0]} " if following else ""

    return rows


def _change(change: diffing.Change, seen: dict[int, str]) -> list[Any]:
    person = change.person
    state = "" if change.is_confirmed is None else "confirmed" if change.is_confirmed else "missing"
    return [
        change.kind.value, seen.get(change.seq, ""), person.pk, person.username, person.full_name, state,
        change.reason.value if change.reason else "", change.basis.value if change.basis else "",
        _told(change.checked_at), change.old_name, change.new_name,
    ]  # fmt: skip


def _moments(account: TrackedAccount, direction: Direction) -> dict[int, str]:
    """When each stored scan of the list ended."""
    stored = ListScan.objects.filter(edge_list__account=account, direction=direction, seq__isnull=False)
    return {seq or 0: _told(at) for seq, at in stored.values_list("seq", "finished_at")}


def _told(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
