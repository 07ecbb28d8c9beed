"""What a restored backup must not do again: hand in a password, or spend a budget whose ledger it does not know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts import login_pending, login_states, pace
from accounts.models import InstagramLogin
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.restoring import restored

#: The longest window of a budget: what a login has read since the backup is in no ledger, and counts as spent.
REST: Final = timedelta(hours=24)


@receiver(restored)
def be_careful(now: datetime, **_signal: Any) -> None:
    """Half-finished sign-ins end, logins rest for a day."""
    for job in Job.objects.open().filter(kind=login_pending.KIND):
        # Whoever worked on it did so before the backup was restored.
        Job.objects.filter(pk=job.pk).update(lease_token=None, lease_until=None, lease_owner="")
        runner.cancel(job, by=None)
    note = _("Restored from a backup: what it has read in the last 24 hours is not known, so it rests that long.")
    for login in InstagramLogin.objects.filter(status__in=pace.READING):
        with login_states.locked(login) as row:
            rests = now + REST
            if row.login.reads_resume_at is None or row.login.reads_resume_at < rests:
                row.change(reads_resume_at=rests, status_note=note)
