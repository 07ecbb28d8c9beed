"""The job that measures: takes what is due, reads it at its login's pace, sleeps until something is due again."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import connect, source_health
from accounts.gateway.errors import ContractDrift, GatewayError, Gone, Private, Unsupported
from accounts.models import InstagramLogin, LoginStatus, SourceName, Workspace
from accounts.vault import VaultError
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.run import Run
from monitoring import found_posts, measuring, measuring_orders, measuring_source, outages
from monitoring.models import Monitor, MonitorState

#: Seconds of reading before the step ends and what was taken and not read is given back.
SLICE: Final = 1.5
#: What is read as fast as this is written together, so many at most; what comes slowly is written by itself.
TOGETHER: Final = 0.25
TOGETHER_MOST: Final = 10
#: So many answers in a row that nobody understands, of different targets, are the source's fault.
ODD_MOST: Final = 3
ODD_REST: Final = timedelta(minutes=5)
_OF_THE_TARGET: Final = (Gone, Private, Unsupported, ContractDrift, measuring.NoCounts, measuring_source.Unanswered)
_DOUBTED: Final = gettext_lazy(
    "Instagram says that this does not exist. It is asked once more before that is believed."
)


@register
class ReadMonitors(Kind):
    """Reads the due monitors of a workspace with one login, or with sources that need none."""

    name = measuring_orders.READ
    label = gettext_lazy("Monitoring")
    can_retry = False  # the sweep orders it anew as soon as its login reads again
    goes_between = True  # a scan takes hours

    def step(self, run: Run) -> Outcome:
        """A slice of what is due."""
        workspace, login = run.job.workspace, None
        if run.params["login"] is not None:
            login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
            if login is None:
                return Done(_("The login was removed."))
            if run.job.lane != connect.lane(login.pk):
                return Done(_("It goes on in its login's lane."))  # ordered by a version that had another lane for it
        if workspace is None or workspace.closed_at is not None:
            return Done(_("The workspace was closed."))
        if login is None and measuring_orders.reading_logins(workspace):
            return Done(_("A login measures now."))
        reading = _Reading(run, workspace, login)
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

    def __init__(self, run: Run, workspace: Workspace, login: InstagramLogin | None) -> None:
        self.run, self.workspace, self.login = run, workspace, login
        self.left: dict[int, datetime] = {}
        self.taken: dict[int, Monitor] = {}
        self.kept: list[measuring.Read] = []
        self.kept_since = 0.0

    def go(self) -> Outcome:
        """Read until nothing is due or the slice is over."""
        workspace, run = self.workspace, self.run
        self.left = dict(measuring_orders.take(workspace.pk, now=run.now()))
        self.taken = Monitor.objects.select_related("workspace", "parent").in_bulk(self.left)
        look = Monitor.objects.filter(workspace=workspace, wants_posts=True, state=MonitorState.ACTIVE)
        profile_monitor = look.order_by("id").first()
        if not self.left and profile_monitor is None and not run.cursor.get("must_probe"):
            return self._rest()
        over = time.monotonic() + SLICE
        with measuring_source.Reader(workspace, self.login, clock=run.now) as reader:
            if run.cursor.get("must_probe"):
                said_by = run.cursor["must_probe"]
                is_sound = reader.shows_anything(SourceName.LOGIN if said_by is True else said_by)
                self._keep(must_probe=not is_sound and said_by)
            if not self._measure(reader, over):
                return Again()
            if profile_monitor is not None:
                self._posts(reader, profile_monitor)
        return Again()

    def _measure(self, reader: measuring_source.Reader, over: float) -> bool:
        """Read what was taken, until the slice is over. What was read is written, whatever the next one meets."""
        try:
            for monitor_id, due in list(self.left.items()):
                self._one(reader, monitor_id, due)
                if time.monotonic() > over or self.run.cancel_seen:
                    return False
        finally:
            self._write()
        return not self.run.cancel_seen

    def _one(self, reader: measuring_source.Reader, monitor_id: int, due: datetime) -> None:
        began = time.monotonic()
        monitor = self.taken.get(monitor_id)
        if monitor is None or not measuring.still_wanted(monitor_id, due):
            del self.left[monitor_id]
            return
        try:
            seen = reader.measure(monitor)
            read = measuring.read(monitor_id, due, seen.value, source=seen.source, now=self.run.now())
        except _OF_THE_TARGET as error:
            self._write()
            self._odd(monitor, due, error)
            return
        self.kept_since = self.kept_since if self.kept else began
        self.kept.append(read)
        if len(self.kept) >= TOGETHER_MOST or time.monotonic() - self.kept_since > TOGETHER:
            self._write()

    def _write(self) -> None:
        """What was read since the last time, in one transaction with the progress."""
        kept, self.kept = self.kept, []
        if not kept:
            return
        with self.run.save(done=self.run.job.done_units + len(kept), cursor=self._fine()):
            measuring.measured_all(kept)
        for read in kept:
            del self.left[read.monitor_id]

    def _odd(self, monitor: Monitor, due: datetime, error: Exception) -> None:
        """The target's own state, or an answer nobody understands. Raises the latter when it is met again and again."""
        code, why, more = getattr(error, "code", ""), str(error), {}
        odd = self.run.cursor.get("odd", 0)
        is_doubted = bool(self.run.cursor.get("must_probe")) or monitor.trouble_code not in {"gone", "not_found"}
        if isinstance(error, Gone) and is_doubted:
            # If what surely exists is "gone" as well, the source or its session is the problem, not the target.
            code, why, more = "not_found", str(_DOUBTED), {"must_probe": error.said_by or SourceName.LOGIN}
        odd = odd + 1 if isinstance(error, ContractDrift | measuring.NoCounts) else 0
        with self.run.save(done=self.run.job.done_units + 1, cursor=self.run.cursor | more | {"odd": odd}):
            measuring.failed(monitor.pk, due, code=code, why=why, now=self.run.now())
        del self.left[monitor.pk]
        if odd >= ODD_MOST:
            self._doubt(error, why)

    def _doubt(self, error: Exception, why: str) -> None:
        """Odd answers in a row: the source is looked at, for everybody. Raises what to wait for, unless it was found
        sound just now: then they are the targets' own."""
        now = self.run.now()
        self._keep(odd=0)
        if self.login is None:
            return
        if not isinstance(error, ContractDrift):
            raise connect.MustWait(now + ODD_REST, why) from error
        witness = source_health.Witness(self.workspace, self.login)
        trouble = source_health.report(SourceName.LOGIN, error.asked, why, witness, now=now)
        if trouble is not None:
            raise connect.SourceBroken(trouble) from error

    def _posts(self, reader: measuring_source.Reader, monitor: Monitor) -> None:
        """The newest posts of a followed profile; whoever reads them takes the wish, and gives it back if it cannot."""
        mine = Monitor.objects.filter(pk=monitor.pk)
        if monitor.profile_id is None or not mine.filter(wants_posts=True).update(wants_posts=False):
            return
        try:
            page = reader.posts(monitor)
        except _OF_THE_TARGET:
            return  # the next measurement of the profile wishes again
        except Exception:
            mine.update(wants_posts=True)
            raise
        with self.run.save(done=self.run.job.done_units + 1):
            found_posts.seen(monitor, page.value.posts, source=page.source, now=self.run.now())

    def _fine(self) -> dict[str, Any]:
        """The cursor after a good answer; the first one after trouble ends the outage."""
        cursor = self.run.cursor
        if not cursor.get("is_fine"):
            outages.end(self.workspace.pk, self._login_id(), now=self.run.now())
        return cursor | {"is_fine": True, "failures": 0, "odd": 0}

    def _login_id(self) -> UUID | None:
        return self.login.pk if self.login else None

    def _rest(self) -> Outcome:
        due = measuring_orders.next_due(self.workspace.pk, self.run.now())
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
        outcome = wait.outcome(self.run.now(), self.run.job)
        if isinstance(outcome, Wait):
            is_broken = isinstance(wait, connect.SourceBroken)
            self._trouble(ContractDrift.code if is_broken else "waits", wait.why)
        return outcome

    def refused(self, error: GatewayError) -> Outcome:
        """What the error means for the login; the job waits for it, or ends until the login reads again."""
        failures = self.run.cursor.get("failures", 0)
        if self.login is None:
            return Failed(str(error), error.code)
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
            outages.begin(self.workspace.pk, self._login_id(), code=code, why=why, now=now)
