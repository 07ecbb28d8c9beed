"""What people do with Instagram logins: add, answer, pause, go on, remove. Pages, API, admin and demo all call these.

Secrets arrive as :class:`igsite.secrets.Secret`, are sealed at once, and leave the request only as a row's id.
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import login_pending, login_secrets, login_states, pace
from accounts.gateway.totp import totp_code
from accounts.login_settings import SettingsUnreadable, read_settings
from accounts.models import InstagramLogin, LoginStatus, User, Workspace
from accounts.models.logins import PAUSE_FLOOR, PAUSE_LONGEST, READS_PER_DAY_CEILING, READS_PER_HOUR_CEILING
from accounts.tracking import InvalidAccountName, username_in
from accounts.working_hours import is_zone
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.problems import Conflict, Invalid
from igsite.secrets import Secret

PROBE: Final = "login.probe"
_PAUSABLE: Final = (LoginStatus.READY, LoginStatus.FROZEN)


class LoginConflict(Conflict):
    """The login's state forbids that now; the message says why and what to do."""

    code = "login_conflict"


class LoginInvalid(Invalid):
    """What was handed in cannot be used."""


def add_by_password(
    *,
    workspace: Workspace,
    username: str,
    password: Secret,
    by: User | None,
    now: datetime,
    totp_seed: Secret | None = None,
    keep_password: bool = False,
    is_warm: bool = False,
) -> InstagramLogin:
    """A new login that signs in with its password.

    Args:
        totp_seed: the seed of the authenticator app; kept, so that its codes are computed.
        keep_password: keep it sealed for the one new sign-in that the site may do by itself.
        is_warm: without warm-up; for logins of a server on this machine only.

    Raises:
        LoginInvalid: no name, no password, or a seed that is none.
        LoginConflict: the workspace has this login, or Instagram asked it to wait.
    """
    _check_password(password, totp_seed)
    with transaction.atomic():
        login = _new_or_back(workspace, username, by=by, now=now, is_warm=is_warm)
        sign_in(login=login, password=password, totp_seed=totp_seed, keep_password=keep_password, by=by, now=now)
        record(by, "login.added", login, workspace=workspace, now=now, details={"by": "password"})
    return login


def add_by_sessionid(
    *,
    workspace: Workspace,
    username: str,
    sessionid: Secret,
    user_agent: str = "",
    by: User | None,
    now: datetime,
    is_warm: bool = False,
) -> InstagramLogin:
    """A new login that takes over a session: its cookie, and the user agent of the browser it comes from."""
    with transaction.atomic():
        login = _new_or_back(workspace, username, by=by, now=now, is_warm=is_warm)
        take_session(login=login, sessionid=sessionid, user_agent=user_agent, by=by, now=now)
        record(by, "login.added", login, workspace=workspace, now=now, details={"by": "cookie"})
    return login


def add_by_settings(
    *, workspace: Workspace, username: str, settings_text: Secret, by: User | None, now: datetime, is_warm: bool = False
) -> InstagramLogin:
    """A new login that takes over the device and the session of another program, or the cookies of a browser.

    Args:
        settings_text: what :func:`accounts.login_settings.read_settings` reads.
    """
    with transaction.atomic():
        login = _new_or_back(workspace, username, by=by, now=now, is_warm=is_warm)
        take_settings(login=login, settings_text=settings_text, by=by, now=now)
        record(by, "login.added", login, workspace=workspace, now=now, details={"by": "file"})
    return login


def take_settings(*, login: InstagramLogin, settings_text: Secret, by: User | None, now: datetime) -> Job:
    """Put the device and the session of another program into the login."""
    try:
        read = read_settings(settings_text.reveal())
    except SettingsUnreadable as error:
        raise _invalid("settings_text", str(error)) from None
    with login_states.locked(login) as row:
        _may_connect(row.login, now)
        return login_pending.order(row, "settings", now=now, by=by, fresh=True, settings=json.dumps(read))


def sign_in(
    *,
    login: InstagramLogin,
    password: Secret,
    by: User | None,
    now: datetime,
    totp_seed: Secret | None = None,
    keep_password: bool = False,
) -> Job:
    """A person signs the login in (again), on the device it has. The password is sent once."""
    _check_password(password, totp_seed)
    with login_states.locked(login) as row:
        _may_connect(row.login, now)
        if totp_seed:
            row.change(totp_sealed=login_secrets.sealed(row.login, "totp_sealed", totp_seed))
        kept = login_secrets.sealed(row.login, "password_sealed", password) if keep_password else None
        row.change(password_sealed=kept, relogin_at=None)
        return login_pending.order(row, "password", now=now, by=by, fresh=True, password=password.reveal())


def take_session(
    *, login: InstagramLogin, sessionid: Secret, user_agent: str = "", by: User | None, now: datetime
) -> Job:
    """Put another session into the login: the cookie ``sessionid`` as a browser shows it."""
    cookie = sessionid.reveal().strip()
    if not cookie:
        raise _invalid("sessionid", _("Paste the cookie named sessionid."))
    for field, text in (("sessionid", cookie), ("user_agent", user_agent.strip())):
        if not (text.isascii() and text.isprintable()):  # no header carries it, so nothing could be sent
            raise _invalid(field, _("Copy it as the browser shows it: one line of plain letters, digits and signs."))
    with login_states.locked(login) as row:
        _may_connect(row.login, now)
        given = {"sessionid": cookie, "user_agent": user_agent.strip()}
        return login_pending.order(row, "sessionid", now=now, by=by, fresh=True, **given)


def choose_channel(*, login: InstagramLogin, channel: str, by: User | None, now: datetime) -> Job:
    """Say by which way Instagram shall send its code: one of those it offered."""
    with login_states.locked(login) as row:
        _must_be(row.login, LoginStatus.NEEDS_CODE)
        if channel not in {offered["name"] for offered in row.login.code_channels}:
            raise _invalid("channel", _("Instagram does not offer this way."))
        return login_pending.order(row, "channel", now=now, by=by, channel=channel)


def submit_code(*, login: InstagramLogin, code: Secret, by: User | None, now: datetime) -> Job:
    """Hand in a code: one try. A wrong one leaves everything as it was, for another."""
    digits = "".join(code.reveal().split()).replace("-", "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
        raise _invalid("code", _("The code consists of digits."))
    with login_states.locked(login) as row:
        _must_be(row.login, LoginStatus.NEEDS_CODE)
        if not row.login.code_channel:
            raise LoginConflict(_("Choose first how Instagram shall send the code."))
        return login_pending.order(row, "code", now=now, by=by, code=digits)


def resume_after_approval(*, login: InstagramLogin, by: User | None, now: datetime) -> Job:
    """The person approved it in the Instagram app, or believes that nothing stands in the way: look, and go on."""
    with login_states.locked(login) as row:
        _must_be(row.login, LoginStatus.NEEDS_APPROVAL)
        _must_not_cool(row.login, now)
        return login_pending.order(row, "approved", now=now, by=by)


def pause(*, login: InstagramLogin, by: User | None, now: datetime) -> None:
    """Send nothing more with this login until it is resumed; running jobs wait for that."""
    with login_states.locked(login) as row:
        if row.login.status not in _PAUSABLE:
            raise LoginConflict(_("Only a login that works can be paused."))
        row.to(LoginStatus.PAUSED, "", now=now)
        record(by, "login.paused", row.login, workspace=row.login.workspace, now=now)


def resume(*, login: InstagramLogin, by: User | None, now: datetime) -> None:
    """Use a paused login again; jobs that wait for it go on."""
    with login_states.locked(login) as row:
        _must_be(row.login, LoginStatus.PAUSED)
        row.ready(now=now)
        record(by, "login.resumed", row.login, workspace=row.login.workspace, now=now)


def unfreeze(*, login: InstagramLogin, by: User | None, now: datetime) -> None:
    """Allow actions again after Instagram blocked them; never before its date."""
    with login_states.locked(login) as row:
        _must_be(row.login, LoginStatus.FROZEN)
        until = row.login.writes_resume_at
        if until is not None and until > now:
            raise LoginConflict(
                _("Instagram blocked this login's actions. They stay frozen until %(until)s UTC at least.")
                % {"until": f"{until:%Y-%m-%d %H:%M}"}
            )
        row.change(writes_resume_at=None)
        row.ready(now=now)
        record(by, "login.unfrozen", row.login, workspace=row.login.workspace, now=now)


def probe(*, login: InstagramLogin, by: User | None, now: datetime) -> Job:
    """Ask Instagram by a job whether the session still lives: one read, no new sign-in but the one allowed."""
    if login.status not in _PAUSABLE:
        raise LoginConflict(_("Only a login that works can be checked."))
    return runner.enqueue(
        PROBE,
        workspace=login.workspace,
        by=by,
        params={"login": str(login.pk)},
        subject=f"@{login.username}",
        subject_url=login_states.page_of(login.pk),
        lane=pace.lane(login.pk),
        dedupe_key=f"probe-{login.pk}",
        due_at=now,
    )


def set_pace(
    *,
    login: InstagramLogin,
    reads_per_hour: int,
    reads_per_day: int,
    by: User | None,
    now: datetime,
    pause_min: int | None = None,
    pause_max: int | None = None,
) -> None:
    """Change the read budgets and the pause between two reads (seconds, drawn between the two; None: as it was), within
    the hard ceilings."""
    low = login.pause_min if pause_min is None else pause_min
    high = login.pause_max if pause_max is None else pause_max
    too_high = {}
    if not PAUSE_FLOOR <= low <= high <= PAUSE_LONGEST:
        words = {"floor": PAUSE_FLOOR, "longest": PAUSE_LONGEST}
        too_high["pause_max"] = [_("From %(floor)s to %(longest)s seconds, the longer not below the shorter.") % words]
    for name, value, ceiling in (
        ("reads_per_hour", reads_per_hour, READS_PER_HOUR_CEILING),
        ("reads_per_day", reads_per_day, READS_PER_DAY_CEILING),
    ):
        if not 1 <= value <= ceiling:
            too_high[name] = [_("A number from 1 to %(ceiling)s.") % {"ceiling": ceiling}]
    if too_high:
        raise LoginInvalid(_("This pace is outside of what is allowed."), fields=too_high)
    with login_states.locked(login) as row:
        row.change(reads_per_hour=reads_per_hour, reads_per_day=reads_per_day, pause_min=low, pause_max=high)
        details = {"per_hour": reads_per_hour, "per_day": reads_per_day, "pause": f"{low}-{high}"}
        record(by, "login.paced", row.login, workspace=row.login.workspace, now=now, details=details)


def set_hours(
    *,
    login: InstagramLogin,
    opens: time | None,
    closes: time | None,
    zone: str,
    by: User | None,
    now: datetime,
) -> None:
    """The hours in which it works, by the wall clock of ``zone``; both None: always. Work that waits is judged anew."""
    wrong: dict[str, list[str]] = {}
    if not is_zone(zone):
        wrong["zone"] = [_("There is no such time zone.")]
    if (opens is None) != (closes is None):
        wrong["opens" if opens is None else "closes"] = [_("Give both times, or none.")]
    elif opens is not None and opens == closes:
        wrong["closes"] = [_("Another time than the beginning; leave both empty for the whole day.")]
    if wrong:
        raise LoginInvalid(_("These working hours cannot be used."), fields=wrong)
    with login_states.locked(login) as row:
        row.change(opens=opens, closes=closes, time_zone=zone)
        details = {"opens": str(opens or "-"), "closes": str(closes or "-"), "zone": zone}
        record(by, "login.hours", row.login, workspace=row.login.workspace, now=now, details=details)
    login_states.let_go_on(login)


def remove(*, login: InstagramLogin, by: User | None, now: datetime) -> None:
    """Erase the login's secrets and hide it. Its ledger and its freezes stay, and count if the name comes back."""
    with login_states.locked(login) as row:
        row.change(**dict.fromkeys(login_secrets.COLUMNS), code_channels=[], code_channel="", relogin_at=None)
        row.to(LoginStatus.REMOVED, "", now=now)
        record(by, "login.removed", row.login, workspace=row.login.workspace, now=now)
    open_jobs = Job.objects.for_workspace(login.workspace_id).open().filter(lane=pace.lane(login.pk))
    for job in open_jobs:
        runner.cancel(job, by=by)


def _new_or_back(
    workspace: Workspace, username: str, *, by: User | None, now: datetime, is_warm: bool
) -> InstagramLogin:
    try:
        name = username_in(username)
    except InvalidAccountName as error:
        raise _invalid("username", str(error)) from error
    if is_warm and settings.INSTAGRAM_BASE_URL is None:
        raise _invalid("is_warm", _("Every login of Instagram itself warms up."))
    ready_since = now - timedelta(days=pace.WARM_UP_DAYS) if is_warm else None
    known = InstagramLogin.objects.filter(workspace=workspace, username=name).first()
    if known is not None and known.status == LoginStatus.REMOVED:
        with login_states.locked(known) as row:
            row.login.status = LoginStatus.NEW  # back from the removed ones, which `to` leaves alone
            row.change(created_by=by, ready_since=row.login.ready_since or ready_since)
            row.to(LoginStatus.NEW, "", now=now)
        return known
    try:
        with transaction.atomic():
            return InstagramLogin.objects.create(
                workspace=workspace, username=name, created_by=by, ready_since=ready_since
            )
    except IntegrityError:
        raise LoginConflict(
            _("@%(name)s is a login of this workspace already. Open it to sign in again.") % {"name": name},
            fields={"username": [_("This login is here already.")]},
        ) from None


def _check_password(password: Secret, totp_seed: Secret | None) -> None:
    if not password:
        raise _invalid("password", _("Enter the password."))
    if totp_seed:
        try:
            totp_code(totp_seed.reveal(), 0)
        except ValueError:
            raise _invalid("totp_seed", _("This is not the key of an authenticator app.")) from None


def _may_connect(login: InstagramLogin, now: datetime) -> None:
    if login.status == LoginStatus.CONNECTING:
        raise LoginConflict(_("This login is signing in right now. Wait for it."))
    if login.status == LoginStatus.REMOVED:
        raise LoginConflict(_("This login was removed."))
    _must_not_cool(login, now)


def _must_not_cool(login: InstagramLogin, now: datetime) -> None:
    until = login.reads_resume_at
    if until is not None and until > now:
        raise LoginConflict(
            _("Instagram asked this login to slow down. Try again after %(until)s UTC.")
            % {"until": f"{until:%Y-%m-%d %H:%M}"}
        )


def _must_be(login: InstagramLogin, status: LoginStatus) -> None:
    if login.status != status:
        raise LoginConflict(
            _("This login is not at this step: %(status)s.") % {"status": LoginStatus(login.status).label}
        )


def _invalid(field: str, sentence: str) -> LoginInvalid:
    return LoginInvalid(sentence, fields={field: [sentence]})
