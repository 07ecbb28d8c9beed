"""What the pages of batches show: the list with its counts, the people of one, what is going on, the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Count
from django.utils import timezone

from accounts import pace
from accounts.gateway.providers.post_codes import code_of_pk
from accounts.models import Profile, Workspace
from automation import naming, reviewing, risks, write_budgets
from automation.models import ON_POSTS, Attempt, AttemptState, Batch, BatchState, Exclusion, Item, ItemState
from automation.models.batches import OPEN_STATES
from automation.models.paces import counted_with
from igsite.jobs.models import Job, JobState
from igsite.paging import Page, page_of
from scans import pictures

#: States of a person in which nothing more will happen by itself.
SETTLED: Final = (ItemState.DONE, ItemState.REQUESTED, ItemState.ALREADY, ItemState.FAILED, ItemState.UNKNOWN)
LATELY: Final = 6
REPORT_HEADING: Final = (
    "position", "pk", "username", "full_name", "text", "state", "left_out", "reason", "reserved_at", "sent_at",
    "answered_at", "answer", "read_at", "following", "followed_by", "outgoing_request", "is_liked",
    "is_commented", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A batch in the list: how many of its people are in which state, and its job while it has one."""

    batch: Batch
    counts: dict[str, int]
    job: Job | None

    @property
    def wanted(self) -> int:
        """People who are not left out."""
        return sum(self.counts.values()) - self.counts["excluded"]

    @property
    def finished(self) -> int:
        """Of them, those for whom nothing more will happen."""
        return sum(self.counts[state] for state in SETTLED) + self.counts["cancelled"]

    @property
    def is_open(self) -> bool:
        """Whether it may still change by itself."""
        return self.batch.state in OPEN_STATES

    @property
    def waits_until(self) -> datetime | None:
        """When it goes on by itself."""
        is_waiting = self.job is not None and self.is_open and self.job.state in (JobState.WAITING, JobState.QUEUED)
        return self.job.due_at if is_waiting and self.job and self.job.due_at > timezone.now() else None

    @property
    def is_stopping(self) -> bool:
        """Whether it was cancelled and what is on its way has still to be read."""
        return self.batch.state == BatchState.CANCELLED and self.counts["answered"] > 0


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a batch: who it is, what speaks against it, and the attempt that was sent, or else the last.

    ``why`` says more about an exclusion."""

    item: Item
    person: Profile | None
    warnings: Sequence[str] = field(default_factory=tuple)
    attempt: Attempt | None = None
    is_post: bool = False
    why: str = ""

    @property
    def name(self) -> str:
        """The user name, the code of a post, or the number of whom no name is known."""
        if self.is_post:
            return code_of_pk(self.item.target_pk)
        return self.person.username if self.person else str(self.item.target_pk)

    @property
    def called(self) -> str:
        """What the person is called, for the initials."""
        return (self.person.full_name if self.person else "") or self.name


@dataclass(frozen=True, slots=True)
class Budget:
    """Actions of the login in the last hour and day, and what it may do; None: without a limit."""

    hour: int
    day: int
    per_hour: int | None
    per_day: int | None


def page(workspace: Workspace, *, state: str = "", cursor: str = "", limit: int = 30) -> Page[Told]:
    """One page of batches, the newest first. Three queries however many there are."""
    mine = Batch.objects.for_workspace(workspace).select_related("login", "created_by", "undoes")
    if state in BatchState.values:
        mine = mine.filter(state=state)
    found = page_of(mine, name="batches", order=("-created_at", "-id"), cursor=cursor, limit=limit)
    return Page(told(found.items), found.next)


def told(batches: Iterable[Batch]) -> list[Told]:
    """The batches with their counts and jobs, in two queries."""
    wanted = list(batches)
    counts: dict[Any, dict[str, int]] = {batch.pk: dict.fromkeys(ItemState.values, 0) for batch in wanted}
    rows = Item.objects.filter(batch__in=wanted).values_list("batch_id", "state").annotate(Count("pk"))
    for batch_id, state, count in rows:
        counts[batch_id][state] = count
    uuids = [batch.job_uuid for batch in wanted if batch.job_uuid]
    jobs = {job.uuid: job for job in Job.objects.filter(uuid__in=uuids)}
    return [Told(batch, counts[batch.pk], jobs.get(batch.job_uuid) if batch.job_uuid else None) for batch in wanted]


def lines(batch: Batch, *, state: str = "", cursor: str = "", limit: int = 50) -> Page[Line]:
    """The people of a batch in their order, those in one ``state`` if it is given. Constant in queries."""
    items = Item.objects.filter(batch=batch)
    if state in ItemState.values:
        items = items.filter(state=state)
    found = page_of(items, name=f"items-{batch.pk}", order=("position", "id"), cursor=cursor, limit=limit)
    return Page(_lines(batch, found.items), found.next)


def lately(batch: Batch) -> list[Line]:
    """Who is under way, and whoever was finished last, the newest first."""
    items = Item.objects.filter(batch=batch)
    under_way = list(items.filter(state=ItemState.ANSWERED).order_by("position")[:2])
    settled = items.filter(state__in=SETTLED).order_by("-settled_at", "-position")
    return _lines(batch, [*under_way, *settled[:LATELY]])


def following_one(batch: Batch) -> Line | None:
    """Who comes next."""
    items = Item.objects.filter(batch=batch, state=ItemState.WAITING).order_by("position")[:1]
    return next(iter(_lines(batch, list(items))), None)


def _lines(batch: Batch, items: Sequence[Item]) -> list[Line]:
    is_post = batch.kind in ON_POSTS
    people = {} if is_post else Profile.objects.in_bulk([item.target_pk for item in items])
    warned = risks.warnings(batch, people) if batch.state == BatchState.STAGED else {}
    attempts: dict[int, Attempt] = {}
    if batch.job_uuid is not None:
        for attempt in Attempt.objects.filter(item__in=items).order_by("pk"):
            known = attempts.get(attempt.item_id)
            if known is None or known.sent_at is None:
                attempts[attempt.item_id] = attempt
    linked = [item.target_pk for item in items if item.exclusion == Exclusion.ALTERNATIVE]
    why = risks.by_another_account(batch, linked)
    return [
        Line(
            item, people.get(item.target_pk), warned.get(item.target_pk, ()), attempts.get(item.pk), is_post,
            why.get(item.target_pk, ""),
        )
        for item in items
    ]  # fmt: skip


def pictures_of(workspace: Workspace, shown: Iterable[Line]) -> dict[int, int]:
    """The kept pictures of those whom the workspace may see (``scans.pictures.ask``)."""
    return pictures.ask(naming.on_lists(workspace, (line.item.target_pk for line in shown if not line.is_post)))


def budget(batch: Batch, now: datetime) -> Budget:
    """What the login's budget of actions looks like now."""
    login = batch.login
    kinds = counted_with(batch.kind)
    alike = write_budgets.same_account(login)
    counted = Attempt.objects.filter(login_id__in=alike, kind__in=kinds)
    counted = counted.filter(reserved_at__gt=now - pace.DAY - write_budgets.LATE)
    times = list(counted.exclude(state=AttemptState.VOID).values_list("reserved_at", flat=True))
    hour = sum(at > now - pace.HOUR - write_budgets.LATE for at in times)
    allowed = write_budgets.limits(login, write_budgets.pace_of(login), now, batch.kind) or (None, None)
    return Budget(hour, len(times), *allowed)


def report_rows(batch: Batch) -> Iterable[list[Any]]:
    """The report for a file, a person a row, as :data:`REPORT_HEADING` names the columns."""
    items = list(Item.objects.filter(batch=batch).order_by("position"))
    for start in range(0, len(items), 1_000):
        for line in _lines(batch, items[start : start + 1_000]):
            yield _report_row(line)


def _report_row(line: Line) -> list[Any]:
    item, attempt, person = line.item, line.attempt, line.person
    reading = (attempt.reading if attempt else None) or {}
    times = [_iso(getattr(attempt, name, None)) for name in ("reserved_at", "sent_at", "ended_at")]
    name = line.name if person or line.is_post else ""
    who = [item.position + 1, item.target_pk, name, person.full_name if person else "", item.text]
    seen = [reading.get(name) for name in ("following", "followed_by", "outgoing_request", "is_liked", "is_commented")]
    answer, read_at = (attempt.answer, attempt.read_at) if attempt else ("", None)
    return [*who, item.state, item.exclusion, item.reason, *times, answer, _iso(read_at), *seen, item.note]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def shown_states(batch: Batch) -> list[tuple[ItemState, int]]:
    """The states that somebody of the batch is in, with how many."""
    found = reviewing.counts(batch)
    return [(state, found[state]) for state in ItemState if found[state]]
