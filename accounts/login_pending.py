"""What a half-finished sign-in keeps in the vault between two phases.

``pending_sealed`` holds a small dictionary. ``do`` names the next phase and ``input`` is what a person handed in for
it (a password, a code); both are taken out and committed BEFORE anything is sent, so that a worker that dies in the
middle can never send a password a second time. ``state`` is what the gateway goes on from, ``api_path`` a challenge
that a read met. ``password`` stays beside the state only while Instagram waits for an approval or for the code of a
challenge, after which it may want the password once more, and for an hour at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from accounts import login_secrets, login_states, pace
from accounts.login_states import LockedLogin
from accounts.models import InstagramLogin, LoginStatus
from accounts.vault import VaultError, VaultLocked
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.secrets import Secret

KIND: Final = "login.connect"
PASSWORD_WAITS: Final = timedelta(hours=1)

Pending = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase to be sent: its name, its input and what it goes on from. Secret, but for the name."""

    name: str
    input: dict[str, str]
    state: dict[str, Any]
    api_path: str
    password: Secret | None
    password_until: str

    def kept(self) -> Pending:
        """What another try of this phase needs."""
        kept: Pending = {"state": self.state, "api_path": self.api_path}
        if self.password and self.password_until:
            kept |= {"password": self.password.reveal(), "password_until": self.password_until}
        return {name: value for name, value in kept.items() if value}


def order(row: LockedLogin, do: str, *, now: datetime, by: Any = None, fresh: bool = False, **given: str) -> Job:
    """Seal what was given, note that the login signs in, and enqueue the phase ``do``.

    ``fresh`` forgets what an earlier sign-in left; otherwise the phase goes on from it.
    """
    pending = {} if fresh else (login_secrets.opened_json(row.login, "pending_sealed") or {})
    remember(row, pending | {"do": do, "input": given})
    row.to(LoginStatus.CONNECTING, _("Signing in…"), now=now)
    return runner.enqueue(
        KIND,
        workspace=row.login.workspace,
        by=by,
        params={"login": str(row.login.pk)},
        subject=f"@{row.login.username}",
        subject_url=login_states.page_of(row.login.pk),
        lane=pace.lane(row.login.pk),
    )


def order_again(row: LockedLogin, *, now: datetime) -> Job:
    """The one new sign-in that the site does by itself: same device, with the password kept for it and now spent."""
    password = login_secrets.opened(row.login, "password_sealed")
    row.change(password_sealed=None, relogin_at=now)
    return order(row, "password", now=now, fresh=True, password=password.reveal() if password else "")


def take(login: InstagramLogin, *, now: datetime) -> Phase | None:
    """The ordered phase, taken out in a transaction of its own; None when there is none (any more)."""
    with login_states.locked(login) as row:
        pending = login_secrets.opened_json(row.login, "pending_sealed") or {}
        if row.login.status != LoginStatus.CONNECTING or "do" not in pending:
            return None
        given = pending["input"]
        until = pending.get("password_until", "")
        password = given.pop("password", "") or (pending.get("password", "") if until > now.isoformat() else "")
        phase = Phase(
            name=pending["do"],
            input=given,
            state=pending.get("state") or {},
            api_path=pending.get("api_path", ""),
            password=Secret(password) if password else None,
            password_until=until,
        )
        remember(row, {"state": phase.state, "api_path": phase.api_path})
    return phase


def remember(row: LockedLogin, pending: Pending) -> None:
    """Store ``pending``; nothing, when it holds nothing."""
    pending = {name: value for name, value in pending.items() if value or name == "input"}
    row.change(pending_sealed=login_secrets.sealed_json(row.login, "pending_sealed", pending) if pending else None)


def interrupted(login: InstagramLogin, *, now: datetime, by_job: int | None = None) -> None:
    """A phase is over without a result: erase what was handed in and ask for it again.

    ``by_job`` is the job that ended; when another one stands ready, nothing is changed.
    """
    with login_states.locked(login) as row:
        if row.login.status != LoginStatus.CONNECTING or (by_job and _another_job(row.login, by_job)):
            return
        note = _("The sign-in was interrupted. Nothing is lost; do this step again.")
        try:
            state = (login_secrets.opened_json(row.login, "pending_sealed") or {}).get("state") or {}
        except (VaultError, VaultLocked) as shut:  # what was handed in goes, opened or not
            state, note = {}, _("The sign-in was interrupted: %(why)s") % {"why": shut}
        remember(row, {"state": state} if state else {})
        status = LoginStatus.NEEDS_LOGIN
        if state:
            approval = state.get("kind") == "approval"
            status = LoginStatus.NEEDS_APPROVAL if approval else LoginStatus.NEEDS_CODE
        row.to(status, note, now=now)


def _another_job(login: InstagramLogin, ended: int) -> bool:
    """Looked up under the login's lock: whoever orders a phase holds it until the job is there."""
    jobs = Job.objects.for_workspace(login.workspace_id).open().filter(kind=KIND, params__login=str(login.pk))
    return jobs.exclude(pk=ended).exists()
