"""A piece of a reading job, with what keeps it from being done translated for the runner."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts import connect
from accounts.gateway.errors import GatewayError
from accounts.models import InstagramLogin, LoginStatus
from igsite.jobs.kinds import Blocked, Failed, Outcome
from igsite.jobs.run import Run


def guarded(run: Run, login: InstagramLogin | None, piece: Callable[[InstagramLogin], Outcome]) -> Outcome:
    """``piece``, or why it has to wait, to stop for a person, or to end."""
    if login is None or login.status == LoginStatus.REMOVED:
        return Failed(_("The login was removed."), "login_removed")
    try:
        return piece(login)
    except connect.MustWait as wait:
        return wait.outcome(run.now(), run.job)
    except connect.NotReady as stop:
        return Blocked(stop.why, stop.url)
    except GatewayError as error:
        failures = run.cursor.get("failures", 0)
        with run.save(cursor=run.cursor | {"failures": failures + 1}):
            pass
        verdict = connect.after_error(login, error, now=run.now(), attempt=failures)
        return Failed(verdict.why, verdict.code) if isinstance(verdict, connect.End) else verdict
