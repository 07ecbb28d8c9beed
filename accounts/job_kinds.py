"""The jobs of this app. They carry ids only; secrets wait in the vault."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import closing, connect, connecting, housekeeping, login_pending, logins, proxy_trials, tracking
from accounts.gateway.errors import GatewayError, Gone
from accounts.models import InstagramLogin, LoginStatus, TrackedAccount
from accounts.vault import VaultError
from igsite.jobs.kinds import Again, Blocked, Done, Failed, Kind, Outcome, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run

__all__ = ["ConnectLogin", "EraseWorkspace", "ProbeLogin", "ResolveAccount", "housekeeping", "proxy_trials"]


@register
class ConnectLogin(Kind):
    """One phase of signing in to Instagram. Never retried by itself: what it needed was used up."""

    name = login_pending.KIND
    label = gettext_lazy("Sign in to Instagram")
    can_retry = False

    def step(self, run: Run) -> Outcome:
        """The phase that was ordered, once."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).first()
        if login is None or login.status == LoginStatus.REMOVED:
            return Done(_("The login was removed."))
        try:
            return connecting.run_phase(login, clock=run.now)
        except VaultError as error:
            return Failed(str(error), "vault")

    def ended(self, job: Job) -> None:
        """However it ended: a login whose phase is over is not left signing in, nor its password in the vault."""
        login = InstagramLogin.objects.filter(pk=job.params["login"]).first()
        if login is not None:
            login_pending.interrupted(login, now=job.finished_at or job.created_at, by_job=job.pk)


def _verdict(run: Run, login: InstagramLogin, error: GatewayError) -> connect.Verdict:
    """What the error means; failures in a row are counted in the cursor, for the back-off."""
    failures = run.cursor.get("failures", 0)
    with run.save(cursor=run.cursor | {"failures": failures + 1}):
        pass
    return connect.after_error(login, error, now=run.now(), attempt=failures)


@register
class ProbeLogin(Kind):
    """Asks Instagram whether a login's session still lives: one read, never a new sign-in but the one allowed."""

    name = logins.PROBE
    label = gettext_lazy("Check an Instagram login")

    def step(self, run: Run) -> Outcome:
        """The read."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
        if login is None:
            return Done(_("The login was removed."))
        try:
            with connect.gateway_for(login, clock=run.now) as gateway:
                gateway.probe_session()
        except connect.MustWait as wait:
            return wait.outcome(run.now())
        except connect.NotReady as stop:
            return Blocked(stop.why, stop.url)
        except GatewayError as error:
            verdict = _verdict(run, login, error)
            return Failed(verdict.why, verdict.code) if isinstance(verdict, connect.End) else verdict
        return Done(_("The session lives."))


@register
class ResolveAccount(Kind):
    """Looks a tracked account up: its number, name, picture and counts."""

    name = tracking.RESOLVE
    label = gettext_lazy("Look up an account")

    def step(self, run: Run) -> Outcome:
        """One read; a second one, of the login's own account, before "does not exist" is believed."""
        account = TrackedAccount.objects.filter(pk=run.params["account"]).select_related("workspace").first()
        if account is None:
            return Done(_("The account is no longer tracked."))
        try:
            login = connect.source_for(account.workspace, login_id=run.params.get("login"))
            with connect.gateway_for(login, clock=run.now) as gateway:
                return self._looked_up(run, account, gateway)
        except connect.MustWait as wait:
            return wait.outcome(run.now())
        except connect.NotReady as stop:
            return Blocked(stop.why, stop.url)
        except GatewayError as error:
            return self._refused(run, account, login, error)

    def _looked_up(self, run: Run, account: TrackedAccount, gateway: connect.PacedGateway) -> Outcome:
        if run.cursor.get("is_gone"):
            gateway.probe_session()
            tracking.in_trouble(account, str(Gone()))
            return Failed(str(Gone()), Gone.code)
        known = account.profile_id if account.profile_id and account.profile_id > 0 else None
        profile = gateway.profile(known) if known else gateway.profile_by_username(account.username)
        with run.save(done=1):
            tracking.seen(account, profile, now=run.now())
        return Done()

    def _refused(self, run: Run, account: TrackedAccount, login: InstagramLogin, error: GatewayError) -> Outcome:
        if isinstance(error, Gone) and not run.cursor.get("is_gone"):
            # If the login's own account is "gone" as well, the session is the problem, not the target.
            with run.save(cursor={"is_gone": True}):
                pass
            return connect.MustWait(run.now(), "").outcome(run.now())
        verdict = _verdict(run, login, error)
        if not isinstance(verdict, connect.End):
            return verdict
        tracking.in_trouble(account, verdict.why)
        return Failed(verdict.why, verdict.code)


@register
class EraseWorkspace(Kind):
    """Erases what hung on a workspace that its owner deleted, one tracked account a step."""

    name = closing.ERASE
    label = gettext_lazy("Erase a deleted workspace")

    def step(self, run: Run) -> Outcome:
        """One account with its lists, in the end the workspace."""
        with run.save(done=run.job.done_units + 1):
            is_more_left = closing.erase_some(run.params["workspace"])
        return Again() if is_more_left else Done()
