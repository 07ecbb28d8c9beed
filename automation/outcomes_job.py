"""The job that notes follows and reads their outcomes off the scans; what each minute and each scan order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import InstagramLogin, Workspace
from automation import outcomes, predict_training
from automation.models import UNSETTLED, ActionKind, Attempt, FollowOutcome, ItemState
from igsite.jobs.housekeeping import each_minute, nightly
from igsite.jobs.kinds import Again, Done, Kind, Outcome, register
from igsite.jobs.run import Run
from scans.signals import scan_completed

#: Actions read so long ago are left to the night.
_LATELY: Final = timedelta(hours=1)


@register
class ReconcileFollows(Kind):
    """One login after the other: its new follows, then what came of all that are open."""

    name = outcomes.RECONCILE
    label = gettext_lazy("Look who followed back")

    def step(self, run: Run) -> Outcome:
        """Some hundred rows."""
        logins = InstagramLogin.objects.for_workspace(run.job.workspace_id)
        stand: dict[str, Any] = {"done": "", "after": 0} | run.cursor
        login = next(
            (one for one in logins.select_related("workspace").order_by("pk") if str(one.pk) > stand["done"]), None
        )
        if login is None:
            return self._over(run)
        with run.save() as progress:
            found = outcomes.register_ours(login, now=run.now()) + outcomes.register_seen(login, now=run.now())
            stand["noted"] = stand.get("noted", 0) + found
            if not found:
                last = outcomes.settle(login, after=stand["after"], now=run.now())
                stand = stand | {"after": last} if last is not None else {"done": str(login.pk), "after": 0}
            progress.cursor = stand
        return Again()

    def _over(self, run: Run) -> Outcome:
        workspace = Workspace.objects.filter(pk=str(run.job.workspace_id)).first()
        if workspace is not None and predict_training.is_due(workspace):
            predict_training.order(workspace)
        return Done(_("Follows and their outcomes are up to date."))


@each_minute("predictions.follows")
def note_new_follows(now: datetime) -> None:
    """Follows of the last hour that a reading showed and nobody noted: their facts are kept while they are true."""
    noted = FollowOutcome.objects.filter(
        login=OuterRef("login"), target_pk=OuterRef("item__target_pk"), followed_at=OuterRef("sent_at")
    )
    read = Attempt.objects.filter(
        kind=ActionKind.FOLLOW, read_at__gt=now - _LATELY, item__state__in=(ItemState.DONE, ItemState.REQUESTED)
    )
    _order(read.exclude(Exists(noted)).values_list("workspace", flat=True).distinct())


@nightly("predictions.outcomes")
def look_at_open_ones(_now: datetime) -> None:
    """Weeks that ended without a scan: what was open waits, what waited for too long cannot be told."""
    _order(FollowOutcome.objects.filter(state__in=UNSETTLED).values_list("workspace", flat=True).distinct())


def _order(workspaces: object) -> None:
    for workspace in Workspace.objects.filter(pk__in=workspaces):  # type: ignore[misc]
        outcomes.order(workspace)


scan_completed.connect(outcomes.after_scan, dispatch_uid="automation.outcomes")
