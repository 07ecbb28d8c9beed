"""The job that ends a paid run which nobody wants any more."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect, source_gateway, source_runs
from accounts.gateway import errors
from accounts.models import RunState, SourceRun
from accounts.source_pace import AccessLedger
from accounts.source_refusals import after_refusal
from accounts.vault import VaultError
from igsite.jobs.kinds import Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.run import Run


@register
class AbortRun(Kind):
    """Ends one run at its service."""

    name = source_runs.ABORT
    label = gettext_lazy("End a paid run")

    def step(self, run: Run) -> Outcome:
        """One request."""
        row = SourceRun.objects.select_related("access", "workspace").filter(pk=run.params["run"]).first()
        if row is None or row.access is None or row.state not in (RunState.STARTED, RunState.INTENT):
            return Done(_("It has ended already."))
        try:
            return self._aborted(run, row)
        except errors.GatewayError as error:
            verdict = after_refusal(row.access, error, now=run.now(), attempt=run.job.attempts)
            return verdict if isinstance(verdict, Wait) else Failed(str(error), error.code)
        except connect.MustWait as wait:
            return wait.outcome(run.now())
        except (connect.NotReady, VaultError) as stop:
            return Failed(str(stop), "not_ready")

    def _aborted(self, run: Run, row: SourceRun) -> Outcome:
        access = row.access
        if access is None:
            return Done()
        way = source_gateway.way_of(access, row.workspace, run.now())
        gateway = source_gateway.open_source(access, way, AccessLedger(access, row.workspace, run.now))
        try:
            source_runs.abort(row, gateway, now=run.now())
        finally:
            gateway.close()
        return Done(_("The run was ended. What it had brought by then is paid."))
