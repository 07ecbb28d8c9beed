"""The jobs of this app. They carry ids only; secrets wait in the vault."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import (
    answers,
    closing,
    connect,
    connecting,
    housekeeping,
    login_pending,
    login_states,
    logins,
    proxy_trials,
    source_probe,
    source_run_job,
    sources,
    tracking,
)
from accounts.gateway.errors import GatewayError, Gone, Private
from accounts.login_steps import guarded
from accounts.models import InstagramLogin, LoginStatus, SourceName, TrackedAccount
from accounts.vault import KeyUnavailable, SecretLost
from igsite.jobs.kinds import Again, Done, Failed, Kind, Outcome, Wait, register
from igsite.jobs.models import Job
from igsite.jobs.run import Run

__all__ = [
    "ConnectLogin", "EraseWorkspace", "ProbeLogin", "ResolveAccount", "housekeeping", "proxy_trials", "source_probe",
    "source_run_job",
]  # fmt: skip


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
        except KeyUnavailable as away:
            return Wait(run.now() + connect.KEY_PAUSE, str(away))
        except SecretLost as lost:
            return Failed(login_states.lost(login, lost, now=run.now()), "vault")

    def ended(self, job: Job) -> None:
        """However it ended: a login whose phase is over is not left signing in, nor its password in the vault."""
        login = InstagramLogin.objects.filter(pk=job.params["login"]).first()
        if login is not None:
            login_pending.interrupted(login, now=job.finished_at or job.created_at, by_job=job.pk)


@register
class ProbeLogin(Kind):
    """Asks Instagram whether a login's session still lives: one read, never a new sign-in but the one allowed."""

    name = logins.PROBE
    label = gettext_lazy("Check an Instagram login")
    goes_between = True

    def step(self, run: Run) -> Outcome:
        """The read."""
        login = InstagramLogin.objects.filter(pk=run.params["login"]).exclude(status=LoginStatus.REMOVED).first()
        if login is None:
            return Done(_("The login was removed."))
        return guarded(run, login, lambda login: _probed(run, login))


def _probed(run: Run, login: InstagramLogin) -> Outcome:
    with connect.gateway_for(login, clock=run.now) as gateway:
        gateway.probe_session()
    return Done(_("The session lives."))


@register
class ResolveAccount(Kind):
    """Looks a tracked account up: its number, name, picture and counts."""

    name = tracking.RESOLVE
    label = gettext_lazy("Look up an account")
    goes_between = True

    def step(self, run: Run) -> Outcome:
        """One answer of the chain; before "does not exist" is believed, a look whether the source shows anything."""
        account = TrackedAccount.objects.filter(pk=run.params["account"]).select_related("workspace").first()
        if account is None:
            return Done(_("The account is no longer tracked."))
        try:
            if run.cursor.get("said_by"):
                return self._believed(run, account)
            return self._looked_up(run, account)
        except sources.NoAnswer as none:
            return self._not_answered(run, account, none)
        except (Gone, Private) as truth:
            return self._told(run, account, truth)

    def _looked_up(self, run: Run, account: TrackedAccount) -> Outcome:
        known = account.profile_id if account.profile_id and account.profile_id > 0 else None
        answer = sources.read_profile(
            account.workspace, username=account.username, pk=known, account=account, clock=run.now,
            attempt=run.cursor.get("failures", 0), login_id=run.params.get("login"), order=f"job-{run.job.uuid}",
            lane=run.job.lane,
        )  # fmt: skip
        with run.save(done=1):
            tracking.seen(account, answer.value, now=run.now())
        answers.keep(account.workspace, answer.value, answer.source, now=run.now())
        return Done(result={"source": answer.source})

    def _told(self, run: Run, account: TrackedAccount, truth: GatewayError) -> Outcome:
        if isinstance(truth, Gone) and not run.cursor.get("said_by"):
            with run.save(cursor={"said_by": truth.said_by}):
                pass
            return Again()
        tracking.in_trouble(account, str(truth))
        return Failed(str(truth), truth.code)

    def _believed(self, run: Run, account: TrackedAccount) -> Outcome:
        """If what surely exists is "gone" as well, the source or its session is the problem, not the target."""
        source = SourceName(run.cursor["said_by"])
        sources.ask_one(
            account.workspace, source, source_probe.surely_there, clock=run.now, login_id=run.params.get("login"),
            attempt=run.cursor.get("failures", 0),
        )  # fmt: skip
        tracking.in_trouble(account, str(Gone()))
        return Failed(str(Gone()), Gone.code)

    def _not_answered(self, run: Run, account: TrackedAccount, none: sources.NoAnswer) -> Outcome:
        with run.save(cursor=run.cursor | {"failures": run.cursor.get("failures", 0) + 1}):
            pass
        outcome = none.outcome(run.now(), run.job)
        if not isinstance(outcome, connect.End):
            return outcome
        tracking.in_trouble(account, outcome.why)
        return Failed(outcome.why, outcome.code)


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
