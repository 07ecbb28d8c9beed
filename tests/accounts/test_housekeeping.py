"""What is tidied up at night, and what must stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import housekeeping, login_pending, login_secrets
from accounts.models import InstagramLogin, LoginStatus, SourceCall, Workspace
from igsite.jobs.housekeeping import _chores
from tests.accounts.instagram import Instagram

pytestmark = pytest.mark.django_db


def test_a_password_beside_a_forgotten_challenge_is_erased(instagram: Instagram) -> None:
    login = instagram.add("demo_approve")
    assert "password" in (login_secrets.opened_json(login, "pending_sealed") or {})
    housekeeping.forget_overdue_passwords(instagram.clock())
    login.refresh_from_db()
    assert "password" in (login_secrets.opened_json(login, "pending_sealed") or {})
    instagram.clock.move(login_pending.PASSWORD_WAITS + timedelta(seconds=1))
    housekeeping.forget_overdue_passwords(instagram.clock())
    login.refresh_from_db()
    pending = login_secrets.opened_json(login, "pending_sealed") or {}
    assert set(pending) == {"state"}
    assert login.status == LoginStatus.NEEDS_APPROVAL


def test_the_ledger_keeps_what_budgets_count(workspace: Workspace) -> None:
    now = timezone.now()
    login = InstagramLogin.objects.create(workspace=workspace, username="a")
    for days in (0, 2, 89, 91):
        SourceCall.objects.create(
            workspace=workspace, login=login, source="x", kind="read", endpoint="e", at=now - timedelta(days=days)
        )
    housekeeping.forget_old_calls(now)
    assert SourceCall.objects.count() == 3


def test_a_removed_login_is_forgotten_when_nothing_holds_it(workspace: Workspace) -> None:
    now = timezone.now()
    for name, status, days, frozen in (
        ("old", LoginStatus.REMOVED, 31, None),
        ("frozen", LoginStatus.REMOVED, 31, now + timedelta(days=1)),
        ("recent", LoginStatus.REMOVED, 29, None),
        ("alive", LoginStatus.READY, 400, None),
    ):
        login = InstagramLogin.objects.create(
            workspace=workspace, username=name, status=status, writes_resume_at=frozen
        )
        InstagramLogin.objects.filter(pk=login.pk).update(status_at=now - timedelta(days=days))
    housekeeping.forget_removed_logins(now)
    assert set(InstagramLogin.objects.values_list("username", flat=True)) == {"frozen", "recent", "alive"}


def test_the_night_knows_these_chores() -> None:
    assert {"accounts.passwords", "accounts.ledger", "accounts.removed_logins"} <= set(_chores)
