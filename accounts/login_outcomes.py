"""Where a login stands after a phase of its sign-in, and what its job says about it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from accounts import identities, login_secrets, login_states, pace, refusals, tracking
from accounts.gateway import errors
from accounts.gateway.login import ApprovalWanted, CodeWanted, LoggedIn, LoginStep, PasswordWanted
from accounts.login_pending import PASSWORD_WAITS, Pending, Phase, remember
from accounts.login_states import LockedLogin
from accounts.models import InstagramLogin, LoginStatus
from igsite.jobs.kinds import Done, Failed
from igsite.secrets import Secret

_AFTER_FAILURE: Final = {
    "password": LoginStatus.NEEDS_LOGIN,
    "sessionid": LoginStatus.NEEDS_LOGIN,
    "settings": LoginStatus.NEEDS_LOGIN,
    "channel": LoginStatus.NEEDS_CODE,
    "code": LoginStatus.NEEDS_CODE,
    "approved": LoginStatus.NEEDS_APPROVAL,
}
_STATUS_OF_ERROR: Final[dict[type[errors.GatewayError], LoginStatus]] = {
    errors.BadPassword: LoginStatus.NEEDS_LOGIN,
    errors.NeedsLogin: LoginStatus.NEEDS_LOGIN,
    errors.NeedsPerson: LoginStatus.NEEDS_APPROVAL,
}


def arrived(login: InstagramLogin, step: LoginStep, phase: Phase, *, now: datetime) -> Done | Failed:
    """Write down what the phase led to. A login that is ready looks up the accounts that waited for one."""
    outcome = _written(login, step, phase, now)
    if login.status in pace.READING:
        tracking.refresh_unresolved(login.workspace)
    return outcome


def _written(login: InstagramLogin, step: LoginStep, phase: Phase, now: datetime) -> Done | Failed:
    with login_states.locked(login) as row:
        if row.login.status != LoginStatus.CONNECTING:
            return Done(_("The login was changed meanwhile; this sign-in was dropped."))
        match step:
            case LoggedIn():
                return _logged_in(row, step, now)
            case CodeWanted():
                return _code_wanted(row, step, phase, now)
            case ApprovalWanted():
                remember(row, {"state": step.state} | _held(phase.password, now))
                row.to(LoginStatus.NEEDS_APPROVAL, step.sentence, now=now)
            case PasswordWanted():
                row.change(session_sealed=login_secrets.sealed_json(row.login, "session_sealed", step.settings))
                remember(row, {})
                note = _("Instagram accepted it. Enter the password once more to finish signing in.")
                row.to(LoginStatus.NEEDS_LOGIN, note, now=now)
        return _told(row)


def refused(login: InstagramLogin, error: errors.GatewayError, phase: Phase, *, now: datetime) -> Failed:
    """The phase ended in an error: what was reached before stays, the password is not sent again by itself."""
    if isinstance(error, errors.Throttled | errors.ActionBlocked | errors.ProxyBlocked):
        refusals.after_error(login, error, now=now)
    with login_states.locked(login) as row:
        status = _STATUS_OF_ERROR.get(type(error), _AFTER_FAILURE[phase.name])
        remember(row, {} if status == LoginStatus.NEEDS_LOGIN else phase.kept())
        if isinstance(error, errors.BadPassword):
            row.change(password_sealed=None)
        row.to(status, str(error), now=now)
    return Failed(str(error), error.code)


def _logged_in(row: LockedLogin, step: LoggedIn, now: datetime) -> Done | Failed:
    other = _why_not_this_account(row.login, step)
    if other:
        remember(row, {})
        row.to(LoginStatus.NEEDS_LOGIN, other, now=now)
        return Failed(other, "other_account")
    row.change(
        session_sealed=login_secrets.sealed_json(row.login, "session_sealed", step.settings),
        profile=identities.known(step.pk, step.username),
        username=step.username,
        code_channels=[],
        code_channel="",
    )
    remember(row, {})
    row.ready(now=now)
    return Done(_("Signed in."), {"status": row.login.status})


def _why_not_this_account(login: InstagramLogin, step: LoggedIn) -> str:
    if login.profile_id is not None and login.profile_id != step.pk:
        return _("This session belongs to @%(name)s, not to @%(login)s. Add it as a login of its own.") % {
            "name": step.username,
            "login": login.username,
        }
    rivals = InstagramLogin.objects.for_workspace(login.workspace_id).exclude(pk=login.pk)
    if rivals.filter(username=step.username).exists() or rivals.filter(profile_id=step.pk).exists():
        return _("@%(name)s is a login of this workspace already.") % {"name": step.username}
    return ""


def _code_wanted(row: LockedLogin, step: CodeWanted, phase: Phase, now: datetime) -> Done:
    is_challenge = step.state.get("kind") == "challenge"
    remember(row, {"state": step.state} | (_held(phase.password, now) if is_challenge else {}))
    row.change(
        code_channels=[{"name": channel.name, "contact": channel.contact} for channel in step.channels],
        code_channel=step.chosen.name if step.chosen else "",
    )
    note = _("Instagram asks for a code.") if step.chosen else _("Instagram asks how to send you a code.")
    row.to(LoginStatus.NEEDS_CODE, note, now=now)
    return _told(row)


def _held(password: Secret | None, now: datetime) -> Pending:
    if not password:
        return {}
    return {"password": password.reveal(), "password_until": (now + PASSWORD_WAITS).isoformat()}


def _told(row: LockedLogin) -> Done:
    return Done(row.login.status_note, {"status": row.login.status})
