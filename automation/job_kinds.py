"""The jobs of this app: working a batch off, and reading what a dead worker or a cancelled batch left unread."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, LoginStatus
from automation import (
    after_restore,
    attempts,
    batches,
    compare_job,
    discovery_job,
    execution,
    ghosts_job,
    lookups,
    outcomes_job,
    post_lookups,
    predict_job,
    staged_expiry,
)
from automation.models import Attempt, Batch, BatchState, Item, ItemState
from automation.models.batches import OPEN_STATES
from igsite.jobs import runner
from igsite.jobs.housekeeping import each_minute
from igsite.jobs.kinds import Done, Kind, Outcome, register
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run

__all__ = [
    "ReconcileActions",
    "RunActions",
    "after_restore",
    "compare_job",
    "discovery_job",
    "ghosts_job",
    "lookups",
    "outcomes_job",
    "post_lookups",
    "predict_job",
    "staged_expiry",
]
_OVER: Final = (BatchState.DONE, BatchState.CANCELLED)
#: The jobs of these do nothing by themselves.
_AT_REST: Final = (*_OVER, BatchState.PAUSED, BatchState.FROZEN)


@register
class RunActions(Kind):
    """Works a confirmed batch off, one person a step."""

    name = batches.RUN
    label = gettext_lazy("Actions on Instagram")

    def step(self, run: Run) -> Outcome:
        """Read one, or send one."""
        batch = Batch.objects.select_related("login", "workspace").filter(pk=run.params["batch"]).first()
        if batch is None or batch.login.status == LoginStatus.REMOVED:
            return Done(_("The batch or its login was removed."))
        return guarded(run, batch.login, lambda _login: execution.step(run, batch))

    def ended(self, job: Job) -> None:
        """A batch never outlives its job as running: it is done, cancelled, or paused where the job broke."""
        row = Batch.objects.select_for_update().filter(pk=job.params["batch"]).exclude(state__in=_OVER).first()
        now = job.finished_at or timezone.now()
        if row is None:
            return
        if job.state == JobState.FAILED:
            batches.move(row, BatchState.PAUSED, out_of=OPEN_STATES, note=job.error)
            return
        state = BatchState.DONE if job.state == JobState.DONE else BatchState.CANCELLED
        batches.end(row, state, now=now, note=job.message)

    def retried(self, job: Job) -> None:
        """A person lets it go on; a batch that was cancelled stays so."""
        batch = Batch.objects.filter(pk=job.params["batch"]).first()
        if batch is not None:
            batches.move(batch, BatchState.CONFIRMED, out_of=(BatchState.PAUSED,))


@register
class ReconcileActions(Kind):
    """Reads what was sent and whose batch is over, or rests: nobody else would. Sends nothing."""

    name = "actions.reconcile"
    label = gettext_lazy("Look what came of actions")

    def step(self, run: Run) -> Outcome:
        """One friendship."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
        if login is None:
            return Done(_("The login was removed."))
        attempts.reap(login.pk, now=run.now())
        unread = execution.to_read(Item.objects.filter(batch__login=login, batch__state__in=_AT_REST))
        if unread is None:
            return Done()
        return guarded(run, login, lambda _login: execution.read(run, unread))


@each_minute("automation.reaper")
def look_after_what_is_left(now: datetime) -> None:
    """End attempts whose worker died, and order the reading of what no batch will read any more."""
    over = Attempt.objects.filter(state__in=attempts.OPEN, lease_until__lte=now)
    for login_id in set(over.values_list("login_id", flat=True)):
        attempts.reap(login_id, now=now)
    _let_go_on()
    _park_what_nobody_can_read(now)
    left = Item.objects.filter(state=ItemState.ANSWERED, batch__state__in=_AT_REST)
    logins = InstagramLogin.objects.filter(action_batches__items__in=left).exclude(status=LoginStatus.REMOVED)
    for login in logins.distinct().select_related("workspace"):
        with transaction.atomic():
            runner.enqueue(
                ReconcileActions.name, workspace=login.workspace, params={"login": str(login.pk)},
                subject=f"@{login.username}", lane=connect.lane(login.pk), dedupe_key=f"reconcile-{login.pk}",
                due_at=now,
            )  # fmt: skip


def _let_go_on() -> None:
    """A batch that was resumed in the moment in which its job came to rest as paused."""
    resumed = Batch.objects.filter(state=BatchState.CONFIRMED).values("job_uuid")
    for job in Job.objects.filter(uuid__in=resumed, state=JobState.BLOCKED):
        runner.resume(job)


def _park_what_nobody_can_read(now: datetime) -> None:
    """What was sent by a login that was removed before it was read: for a person, never sent again."""
    unread = Item.objects.filter(state=ItemState.ANSWERED, batch__login__status=LoginStatus.REMOVED)
    gone = unread.exclude(attempts__state__in=attempts.OPEN).values("pk")
    note = _("The login was removed before this could be read.")
    Item.objects.filter(pk__in=gone).update(state=ItemState.UNKNOWN, note=note, settled_at=now)
