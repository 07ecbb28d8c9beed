"""A step of a job that reads or acts with an Instagram login, and what keeps it from that, in the runner's words."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from accounts import connect
from accounts.gateway.errors import GatewayError
from accounts.models import InstagramLogin, LoginStatus
from igsite.jobs.kinds import Blocked, Failed, Outcome
from igsite.jobs.run import Run

#: What a refusal or a fault means: another step, a pause, or the end.
Refused = Callable[[GatewayError], Outcome]


def guarded(
    run: Run, login: InstagramLogin | None, piece: Callable[[InstagramLogin], Outcome], refused: Refused | None = None
) -> Outcome:
    """``piece(login)``, or why it has to wait, to stop for a person, or to end.

    ``refused`` says what an error of the gateway means where the kind knows better than :func:`after_refusal`.
    """
    if login is None or login.status == LoginStatus.REMOVED:
        return Failed(_("The login was removed."), "login_removed")
    try:
        return piece(login)
    except connect.MustWait as wait:
        return wait.outcome(run.now(), run.job)
    except connect.NotReady as stop:
        return Blocked(stop.why, stop.url)
    except GatewayError as error:
        return refused(error) if refused else after_refusal(run, login, error)


def after_refusal(run: Run, login: InstagramLogin, error: GatewayError) -> Outcome:
    """What the error means for the login. Failures in a row are counted in the cursor, for the back-off."""
    failures = run.cursor.get("failures", 0)
    with run.save(cursor=run.cursor | {"failures": failures + 1}):
        pass
    verdict = connect.after_error(login, error, now=run.now(), attempt=failures)
    return Failed(verdict.why, verdict.code) if isinstance(verdict, connect.End) else verdict
