"""One row lock, one place where a login's status changes, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import pace
from accounts.models import InstagramLogin, LoginStatus
from accounts.vault_errors import SecretLost
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.live import hint

_NOTE_LENGTH = 500


class LockedLogin:
    """A login whose row is locked for the transaction. What is changed here is written at its end, in one statement."""

    def __init__(self, login: InstagramLogin) -> None:
        self.login = login
        self.changed: set[str] = set()
        self.is_ready_now = False

    def change(self, **values: Any) -> None:
        """Set columns."""
        for name, value in values.items():
            setattr(self.login, name, value)
        self.changed |= set(values)

    def to(self, status: LoginStatus, note: str, *, now: datetime) -> None:
        """Another status, with a sentence that says why. A removed login stays removed."""
        if self.login.status != LoginStatus.REMOVED:
            self.change(status=status, status_note=note[:_NOTE_LENGTH], status_at=now)

    def ready(self, *, now: datetime) -> None:
        """Usable again. Whose writing was frozen stays frozen: only a person takes that back."""
        frozen = self.login.writes_resume_at is not None
        self.to(LoginStatus.FROZEN if frozen else LoginStatus.READY, "", now=now)
        self.is_ready_now = True
        if self.login.ready_since is None:
            self.change(ready_since=now)


@contextmanager
def locked(login: InstagramLogin) -> Iterator[LockedLogin]:
    """Locks the row of ``login``, gives its present state, writes what was changed and copies it into ``login``.

    Open pages are told; jobs that were blocked on this login go on when it became ready.
    """
    with transaction.atomic():
        row = LockedLogin(InstagramLogin.objects.select_for_update().get(pk=login.pk))
        yield row
        if row.changed:
            row.login.save(update_fields=sorted(row.changed))
            hint(topic(row.login), row.login.workspace_id)
        if row.is_ready_now:
            _wake_blocked(row.login)
    for name in row.changed:
        setattr(login, name, getattr(row.login, name))


def lost(login: InstagramLogin, why: SecretLost, *, now: datetime) -> str:
    """A secret of the login does not open and never will: it needs a new sign-in. The sentence for the person.

    What is stored stays: a backup may bring back what is missing.
    """
    note = _("Its secrets cannot be opened (%(why)s) Sign in again.") % {"why": why}
    with locked(login) as row:
        row.to(LoginStatus.NEEDS_LOGIN, note, now=now)
    return note


def topic(login: InstagramLogin) -> str:
    """The topic of a login's live hints."""
    return f"login-{login.pk}"


def page_of(login_id: UUID) -> str:
    """The page on which a person takes the login's next step."""
    return reverse("settings:login", args=[login_id])


def _wake_blocked(login: InstagramLogin) -> None:
    for job in Job.objects.for_workspace(login.workspace_id).filter(lane=pace.lane(login.pk), state=JobState.BLOCKED):
        runner.resume(job)


def let_go_on(login: InstagramLogin) -> None:
    """What waits for this login looks again: the reason may be gone. Each asks :mod:`accounts.pace` anew."""
    for job in Job.objects.for_workspace(login.workspace_id).filter(lane=pace.lane(login.pk), state=JobState.WAITING):
        runner.resume(job)
