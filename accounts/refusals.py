"""When Instagram says no: what each error of the tree does to the login, and what the job does next.

The table of the same name in ``docs/domain.md`` is the source of every row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext as _

from accounts import login_pending, login_secrets, login_states
from accounts.gateway import errors
from accounts.models import InstagramLogin, LoginStatus
from igsite.jobs.kinds import Blocked, Wait

#: Pause after a throttle, by how many came without an hour's calm between them: 15, 30, 60 minutes … at most 4 hours.
THROTTLE_FIRST: Final = timedelta(minutes=15)
THROTTLE_LONGEST: Final = timedelta(hours=4)
CALM: Final = timedelta(hours=1)
WRITES_FROZEN: Final = timedelta(hours=24)
READS_STOPPED: Final = timedelta(hours=1)
ADDRESS_BLOCKED: Final = timedelta(hours=1)
TRANSIENT_FIRST: Final = timedelta(seconds=15)
TRANSIENT_LONGEST: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class End:
    """The job cannot go on: it ends with what it has. ``code`` is the error's, ``why`` a sentence for the person."""

    code: str
    why: str


Verdict = Wait | Blocked | End


def after_error(login: InstagramLogin, error: errors.GatewayError, *, now: datetime, attempt: int = 0) -> Verdict:
    """Note on ``login`` what ``error`` means and say what the job does: wait, wait for a person, or end.

    ``attempt`` is how many transient failures came before this one without progress; it lengthens their pause.
    ``login`` is changed and saved. Asking again about the same failure changes nothing but the ladder of throttles.
    """
    match error:
        case errors.Throttled():
            return _throttled(login, error, now)
        case errors.ActionBlocked():
            return _action_blocked(login, error, now)
        case errors.NeedsLogin():
            return _session_ended(login, error, now)
        case errors.NeedsPerson() | errors.NeedsCode() | errors.BadPassword():
            return _person_needed(login, error, now)
        case errors.ProxyBlocked():
            return _address_blocked(login, error, now)
        case errors.Transient():
            return Wait(now + min(TRANSIENT_FIRST * 2 ** min(attempt, 10), TRANSIENT_LONGEST), str(error))
        case _:  # the target's own state, or an answer nobody understands: the login is as good as before
            return End(error.code, str(error))


def _throttled(login: InstagramLogin, error: errors.Throttled, now: datetime) -> Wait:
    with login_states.locked(login) as row:
        calm = row.login.reads_resume_at is None or now - row.login.reads_resume_at > CALM
        level = 0 if calm else row.login.throttle_level
        rest = max(min(THROTTLE_FIRST * 2**level, THROTTLE_LONGEST), error.retry_after or timedelta(0))
        until = _later(row.login.reads_resume_at, now + rest)
        row.change(throttle_level=min(level + 1, 10), reads_resume_at=until, status_note=str(error))
    return Wait(until, str(error))


def _action_blocked(login: InstagramLogin, error: errors.ActionBlocked, now: datetime) -> Wait:
    named = datetime.combine(error.until + timedelta(days=1), time.min, UTC) if error.until else now
    with login_states.locked(login) as row:
        reads = _later(row.login.reads_resume_at, now + READS_STOPPED)
        row.change(
            writes_resume_at=_later(row.login.writes_resume_at, max(now + WRITES_FROZEN, named)),
            reads_resume_at=reads,
        )
        row.to(LoginStatus.FROZEN, str(error), now=now)
    return Wait(reads, str(error))


def _session_ended(login: InstagramLogin, error: errors.NeedsLogin, now: datetime) -> Verdict:
    with login_states.locked(login) as row:
        once_more = row.login.password_sealed is not None and row.login.relogin_at is None
        if not once_more:
            row.change(password_sealed=None)
            row.to(LoginStatus.NEEDS_LOGIN, str(error), now=now)
            return End(error.code, str(error))
        login_pending.order_again(row, now=now)
    return Wait(now + timedelta(seconds=30), _("Instagram ended the session. The login signs in again, this once."))


def _person_needed(login: InstagramLogin, error: errors.GatewayError, now: datetime) -> Blocked:
    status = {
        errors.NeedsPerson: LoginStatus.NEEDS_APPROVAL,
        errors.NeedsCode: LoginStatus.NEEDS_CODE,
        errors.BadPassword: LoginStatus.NEEDS_LOGIN,
    }[type(error)]
    api_path = getattr(error, "api_path", "")
    with login_states.locked(login) as row:
        if api_path:
            pending = login_secrets.sealed_json(row.login, "pending_sealed", {"api_path": api_path})
            row.change(pending_sealed=pending)
        row.to(status, str(error), now=now)
    return Blocked(str(error), login_states.page_of(login.pk))


def _address_blocked(login: InstagramLogin, error: errors.ProxyBlocked, now: datetime) -> Wait:
    """A proxy that is blocked was marked by whoever sent through it, and the login rests as long as the proxy; with
    another proxy it need not. Without one it is the site's own address."""
    proxy = login.proxy
    if proxy is not None:
        proxy.refresh_from_db()
        return Wait(_later(proxy.retry_at, now + TRANSIENT_FIRST), str(error))
    with login_states.locked(login) as row:
        until = _later(row.login.reads_resume_at, now + ADDRESS_BLOCKED)
        row.change(reads_resume_at=until, status_note=str(error))
    return Wait(until, str(error))


def _later(known: datetime | None, other: datetime) -> datetime:
    return max(known, other) if known else other
