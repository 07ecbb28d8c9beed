"""The job row: the truth about a piece of long-running work. Everything else only rings bells or shows what it says."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from igsite.ownership import OwnedQuerySet


class JobState(models.TextChoices):
    """Where a job stands.

    ``queued``: waits for a worker. ``running``: being worked on, in turns. ``waiting``: until ``due_at``. ``blocked``:
    until a person did something. The rest are ends.
    """

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    BLOCKED = "blocked", _("Needs you")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.WAITING, JobState.BLOCKED)
ENDED_STATES = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
# States in which a job becomes due by the clock. A running job is claimable between two turns, when nobody holds it.
DUE_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.WAITING)


class JobQuerySet(OwnedQuerySet["Job"]):
    """Jobs, by what the runner, the sweep and the board ask."""

    def named(self, uuid: uuid.UUID | None) -> Job | None:
        """The job of this public id; None where there is none, or no id."""
        return self.filter(uuid=uuid).first() if uuid else None

    def open(self) -> JobQuerySet:
        """Jobs that have not ended."""
        return self.filter(state__in=OPEN_STATES)

    def claimable(self, now: datetime) -> JobQuerySet:
        """Due jobs that nobody holds and whose turn in their lane it is.

        Whoever runs has the lane, unless it lends it for a pause. Those that lent it, and kinds that go between,
        come in the order in which they are due; a job that has not begun comes behind all of them.
        """
        from igsite.jobs.kinds import kinds_between

        others = Job.objects.filter(lane=OuterRef("lane")).exclude(pk=OuterRef("pk"))
        earlier = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk"))
        has_turns = Q(lends_lane=True) | Q(kind__in=kinds_between())
        asleep = Q(state__in=(JobState.QUEUED, JobState.WAITING))
        holder = others.filter(state=JobState.RUNNING, lends_lane=False)
        before = others.filter(earlier, has_turns, asleep | Q(state=JobState.RUNNING))
        in_line = others.filter((earlier & asleep) | (Q(lends_lane=True) & ~Q(kind__in=kinds_between())))
        due = self.filter(state__in=DUE_STATES, due_at__lte=now, lease_token=None)
        return due.filter(
            Q(lane="")
            | Q(state=JobState.RUNNING, lends_lane=False)
            | (~Exists(holder) & ~Exists(before) & (has_turns | ~Exists(in_line)))
        )

    def held(self) -> JobQuerySet:
        """Jobs that a worker holds a lease of, run out or not."""
        return self.filter(state=JobState.RUNNING, lease_token__isnull=False)


class Job(models.Model):
    """One piece of long-running work, done in short steps. Progress is committed together with what each step wrote.

    ``workspace`` is None for the site's own work. ``uuid`` is the public id; ``id`` never leaves the server.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        settings.WORKSPACE_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="jobs"
    )
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    subject_url = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    due_at = models.DateTimeField(default=timezone.now)

    params = models.JSONField(default=dict, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    done_units = models.BigIntegerField(default=0)
    total_units = models.BigIntegerField(null=True, blank=True)
    message = models.TextField(blank=True)
    next_url = models.CharField(max_length=500, blank=True)  # where a person does what a blocked job needs
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)

    lane = models.CharField(max_length=120, blank=True)
    lends_lane = models.BooleanField(default=False, db_default=False)  # pauses while another one of its lane has a turn
    dedupe_key = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=200, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True)
    hint_owed = models.BooleanField(default=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, finished_at=None)
                | Q(state__in=ENDED_STATES, finished_at__isnull=False),
                name="job_finished_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(lease_token=None, lease_until=None)
                | Q(state=JobState.RUNNING, lease_token__isnull=False, lease_until__isnull=False),
                name="job_lease_only_while_running",
            ),
            models.UniqueConstraint(
                fields=["lane"],
                condition=Q(state=JobState.RUNNING, lends_lane=False) & ~Q(lane=""),
                name="job_lane_has_one",
            ),
            models.CheckConstraint(
                condition=Q(lends_lane=False) | (Q(state=JobState.RUNNING, lease_token=None) & ~Q(lane="")),
                name="job_lends_while_it_pauses",
            ),
            models.UniqueConstraint(
                fields=["workspace", "dedupe_key"],
                condition=Q(state__in=OPEN_STATES) & ~Q(dedupe_key=""),
                name="job_open_once",
            ),
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=Q(state__in=OPEN_STATES, workspace=None) & ~Q(dedupe_key=""),
                name="job_open_once_for_the_site",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=Q(state__in=DUE_STATES), name="job_due"),
            models.Index(fields=["lane", "due_at"], condition=Q(state__in=DUE_STATES) & ~Q(lane=""), name="job_lane"),
            # The board's three orders: everything, one state, what is open. Keyset by time; `id` is not for the public.
            models.Index(fields=["workspace", "-created_at", "-uuid"], name="job_board"),
            models.Index(fields=["workspace", "state", "-created_at", "-uuid"], name="job_board_by_state"),
            models.Index(
                fields=["workspace", "-created_at", "-uuid"], condition=Q(state__in=OPEN_STATES), name="job_board_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    @property
    def is_open(self) -> bool:
        """Whether the job has not ended."""
        return self.state in OPEN_STATES

    @property
    def may_cancel(self) -> bool:
        """Whether asking to cancel makes sense: open, and not asked yet."""
        return self.is_open and self.cancel_requested_at is None

    @property
    def may_retry(self) -> bool:
        """Whether it ended in a way that another try may mend, and its kind allows that."""
        from igsite.jobs.kinds import find_kind

        kind = find_kind(self.kind)
        return self.state in (JobState.FAILED, JobState.CANCELLED) and kind is not None and kind.can_retry

    @property
    def label(self) -> str:
        """What the kind calls itself, in the person's language."""
        from igsite.jobs.kinds import find_kind

        kind = find_kind(self.kind)
        return str(kind.label) if kind else self.kind

    @property
    def percent(self) -> int | None:
        """Progress from 0 to 100, or None when the whole is not known."""
        if self.state == JobState.DONE:
            return 100
        if not self.total_units:
            return None
        return max(0, min(100, self.done_units * 100 // self.total_units))

    @property
    def shows_progress(self) -> bool:
        """Whether a bar tells something: while it works, and while it rests on the way."""
        return self.is_open and (self.state == JobState.RUNNING or self.done_units > 0)

    @property
    def is_for_later(self) -> bool:
        """Whether it starts or goes on at a time that has been set."""
        return self.state in (JobState.QUEUED, JobState.WAITING) and self.due_at > timezone.now()

    @property
    def topic(self) -> str:
        """The topic of this job's live hints."""
        return f"job-{self.uuid}"

    def change(self, **values: Any) -> None:
        """Write ``values`` and count the revision. The caller holds the row's lock."""
        for name, value in values.items():
            setattr(self, name, value)
        self.revision += 1
        self.save(update_fields=[*values, "revision"])
