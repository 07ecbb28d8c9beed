"""What this app tidies up at night."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from accounts import key_rotation, login_pending, login_secrets, login_states, vault_lock
from accounts.models import ApiSession, ApiToken, InstagramLogin, Invitation, LoginStatus, SourceCall
from accounts.vault import KeyUnavailable, SecretLost, VaultLocked
from igsite.jobs.housekeeping import each_minute, nightly

LEDGER_KEPT: Final = timedelta(days=90)
REMOVED_KEPT: Final = timedelta(days=30)
ENDED_ACCESS_KEPT: Final = timedelta(days=30)
_AT_ONCE: Final = 100_000


@nightly("accounts.passwords")
def forget_overdue_passwords(now: datetime) -> None:
    """Passwords beside a challenge that nobody passed in time. They serve no longer; now they are gone as well."""
    overdue = now - login_pending.PASSWORD_WAITS
    for login in InstagramLogin.objects.filter(status_at__lt=overdue).exclude(pending_sealed=None):
        with login_states.locked(login) as row:
            try:
                pending = login_secrets.opened_json(row.login, "pending_sealed") or {}
            except SecretLost:  # what never opens again serves nobody
                pending = {}
            except (KeyUnavailable, VaultLocked):
                continue  # it opens another night
            if pending.get("password_until", now.isoformat()) <= now.isoformat() and "do" not in pending:
                kept = {name: value for name, value in pending.items() if not name.startswith("password")}
                login_pending.remember(row, kept)


@nightly("accounts.ledger")
def forget_old_calls(now: datetime) -> None:
    """The ledger beyond what budgets and the usage page need, a bounded number a night."""
    old = SourceCall.objects.filter(at__lt=now - LEDGER_KEPT).order_by("pk").values("pk")[:_AT_ONCE]
    SourceCall.objects.filter(pk__in=old).delete()


@nightly("accounts.removed_logins")
def forget_removed_logins(now: datetime) -> None:
    """Logins removed a month ago, once no freeze of theirs holds any more."""
    gone = InstagramLogin.objects.filter(status=LoginStatus.REMOVED, status_at__lt=now - REMOVED_KEPT)
    gone.exclude(writes_resume_at__gt=now).exclude(reads_resume_at__gt=now).delete()


@nightly("accounts.ended_access")
def forget_ended_access(now: datetime) -> None:
    """Invitations, API tokens and API sessions a month after their end; the audit log keeps what was done."""
    ended = now - ENDED_ACCESS_KEPT
    Invitation.objects.filter(expires_at__lt=ended).delete()
    ApiToken.objects.filter(expires_at__lt=ended).delete()
    ApiSession.objects.filter(expires_at__lt=ended).delete()


@nightly("accounts.data_keys")
def tidy_data_keys(now: datetime) -> None:
    """What a change of keys left: rows that were written in its midst, and keys that have no rows any more."""
    key_rotation.tidy(now)


@each_minute("accounts.vault")
def wake_what_waits_for_the_vault(now: datetime) -> None:
    """Jobs that came to wait in the moment of an unlock."""
    vault_lock.wake_if_open(now)
