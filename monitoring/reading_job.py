"""The job that measures: takes what is due, reads it at its login's pace, sleeps until something is due again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect
from accounts.gateway.errors import ContractDrift, GatewayError, Gone, Private, Unsupported
from accounts.models import InstagramLogin, LoginStatus
from accounts.vault import VaultError
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.run import Run
from monitoring import found_posts, measuring, measuring_orders, measuring_source, outages
from monitoring.models import Monitor, MonitorState

#: Seconds of reading before the step ends and what was taken and not read is given back.
SLICE: Final = 1.5
#: So many answers in a row that nobody understands, of different targets, are the source's fault.
ODD_MOST: Final = 3
ODD_REST: Final = timedelta(minutes=5)
_OF_THE_TARGET: Final = (Gone, Private, Unsupported, ContractDrift, measuring.NoCounts)
_NO_COUNTS: Final = gettext_lazy("The source answered without any count. The last good data stays as it was.")
_DOUBTED: Final = gettext_lazy(
    "Instagram says that this does not exist. It is asked once more before that is believed."
)


@register
class ReadMonitors(Kind):
    """Reads the due monitors of a workspace with one login."""

    name = measuring_orders.READ
    label = gettext_lazy("Monitoring")
    can_retry = False  # the sweep orders it anew as soon as its login reads again

    def step(self, run: Run) -> Outcome:
        """A slice of what is due."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
        if login is None:
            return Done(_("The login was removed."))
        reading = _Reading(run, login)
        try:
            return reading.go()
        except connect.MustWait as wait:
            return reading.must_wait(wait)
        except connect.NotReady as stop:
            return reading.cannot("not_ready", stop.why)
        except VaultError as error:
            return reading.cannot("vault", str(error))
        except GatewayError as error:
            return reading.refused(error)
        finally:
            measuring_orders.give_back(reading.left)


class _Reading:
    """One step: what was taken, and how the source behaves."""

    def __init__(self, run: Run, login: InstagramLogin) -> None:
        self.run, self.login = run, login
        self.left: dict[int, datetime] = {}

    def go(self) -> Outcome:
        """Read until nothing is due or the slice is over."""
        workspace, run = self.login.workspace_id, self.run
        self.left = dict(measuring_orders.take(workspace, now=run.now()))
        look = Monitor.objects.filter(workspace_id=workspace, wants_posts=True, state=MonitorState.ACTIVE)
        profile_monitor = look.order_by("id").first()
        if not self.left and profile_monitor is None and not run.cursor.get("must_probe"):
            return self._rest()
        over = time.monotonic() + SLICE
        with measuring_source.open_reader(self.login, clock=run.now) as reader:
            if run.cursor.get("must_probe"):
                reader.probe_session()
                self._keep(must_probe=False)
            for monitor_id, due in list(self.left.items()):
                self._one(reader, monitor_id, due)
                if time.monotonic() > over or run.cancelled:
                    return Again()
            if profile_monitor is not None:
                self._posts(reader, profile_monitor)
        return Again()

    def _one(self, reader: connect.PacedGateway, monitor_id: int, due: datetime) -> None:
        monitor = measuring.still_wanted(monitor_id, due)
        if monitor is None:
            del self.left[monitor_id]
            return
        try:
            seen = measuring_source.ask(reader, monitor)
            with self.run.save(done=self.run.job.done_units + 1, cursor=self._fine()):
                measuring.measured(monitor_id, due, seen, source=reader.source, now=self.run.now())
        except _OF_THE_TARGET as error:
            self._odd(monitor, due, error)
        del self.left[monitor_id]

    def _odd(self, monitor: Monitor, due: datetime, error: Exception) -> None:
        """The target's own state, or an answer nobody understands. Raises the latter when it is met again and again."""
        code, why, more = getattr(error, "code", "no_counts"), str(error) or str(_NO_COUNTS), {}
        odd = self.run.cursor.get("odd", 0)
        if isinstance(error, Gone) and monitor.trouble_code not in {"gone", "not_found"}:
            # If the login's own account is "gone" as well, the session is the problem, not the target.
            code, why, more = "not_found", str(_DOUBTED), {"must_probe": True}
        odd = odd + 1 if isinstance(error, ContractDrift | measuring.NoCounts) else 0
        with self.run.save(done=self.run.job.done_units + 1, cursor=self.run.cursor | more | {"odd": odd}):
            measuring.failed(monitor.pk, due, code=code, why=why, now=self.run.now())
        if odd >= ODD_MOST:
            del self.left[monitor.pk]
            raise connect.MustWait(self.run.now() + ODD_REST, why) from error

    def _posts(self, reader: connect.PacedGateway, monitor: Monitor) -> None:
        """The newest posts of a followed profile; whoever reads them takes the wish, and gives it back if it cannot."""
        mine = Monitor.objects.filter(pk=monitor.pk)
        if monitor.profile_id is None or not mine.filter(wants_posts=True).update(wants_posts=False):
            return
        try:
            page = measuring_source.ask_posts(reader, monitor.profile_id)
        except _OF_THE_TARGET:
            return  # the next measurement of the profile wishes again
        except Exception:
            mine.update(wants_posts=True)
            raise
        with self.run.save(done=self.run.job.done_units + 1):
            found_posts.seen(monitor, page.posts, source=reader.source, now=self.run.now())

    def _fine(self) -> dict[str, Any]:
        """The cursor after a good answer; the first one after trouble ends the outage."""
        cursor = self.run.cursor
        if not cursor.get("is_fine"):
            outages.end(self.login.workspace_id, self.login.pk, now=self.run.now())
        return cursor | {"is_fine": True, "failures": 0, "odd": 0}

    def _rest(self) -> Outcome:
        due = measuring_orders.next_due(self.login.workspace_id, self.run.now())
        if due is None:
            return Done(_("Nothing is monitored."))
        self._keep(waits_for="due")
        return Wait(max(due, self.run.now()), _("Until the next measurement is due."))

    def _keep(self, **values: Any) -> None:
        if self.run.cursor | values != self.run.cursor:
            with self.run.save(cursor=self.run.cursor | values):
                pass

    def must_wait(self, wait: connect.MustWait) -> Outcome:
        """A pause of the login, or of the source."""
        outcome = wait.outcome(self.run.now())
        if isinstance(outcome, Wait):
            self._trouble("waits", wait.why)
        return outcome

    def refused(self, error: GatewayError) -> Outcome:
        """What the error means for the login; the job waits for it, or ends until the login reads again."""
        failures = self.run.cursor.get("failures", 0)
        verdict = connect.after_error(self.login, error, now=self.run.now(), attempt=failures)
        self._trouble(error.code, verdict.why, failures=failures + 1)
        return verdict if isinstance(verdict, Wait) else Failed(verdict.why, error.code)

    def cannot(self, code: str, why: str) -> Outcome:
        """The login needs a person."""
        self._trouble(code, why)
        return Failed(why, code)

    def _trouble(self, code: str, why: str, **more: Any) -> None:
        now = self.run.now()
        with self.run.save(cursor=self.run.cursor | {"waits_for": "source", "is_fine": False} | more):
            outages.begin(self.login.workspace_id, self.login.pk, code=code, why=why, now=now)
