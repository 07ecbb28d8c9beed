"""After a restore nothing is sent twice and no budget is spent again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import connect, logins
from accounts.models import LoginStatus
from igsite.jobs.models import Job, JobState
from igsite.restoring import restored
from igsite.secrets import Secret
from tests.accounts.instagram import PASSWORDS, Instagram

pytestmark = pytest.mark.django_db


def restore(instagram: Instagram) -> None:
    restored.send(sender=restore, made_at=instagram.clock() - timedelta(days=2), now=instagram.clock())


def test_a_password_that_waited_in_the_backup_is_never_sent(instagram: Instagram) -> None:
    login = logins.add_by_password(
        workspace=instagram.workspace, username="demo_creator", password=Secret(PASSWORDS["demo_creator"]),
        by=instagram.person, now=instagram.clock(),
    )  # fmt: skip
    restore(instagram)
    assert Job.objects.get(kind="login.connect").state == JobState.CANCELLED
    login.refresh_from_db()
    assert login.status == LoginStatus.NEEDS_LOGIN
    assert login.pending_sealed is None
    assert not instagram.log("send_login_request")


def test_a_login_rests_for_a_day_and_says_why(instagram: Instagram) -> None:
    login = instagram.ready()
    restore(instagram)
    login.refresh_from_db()
    assert login.reads_resume_at == instagram.clock() + timedelta(hours=24)
    assert "backup" in login.status_note
    with pytest.raises(connect.MustWait):
        connect.gateway_for(login, clock=instagram.clock)


def test_a_longer_rest_that_instagram_asked_for_stays(instagram: Instagram) -> None:
    login = instagram.ready()
    longer = instagram.clock() + timedelta(days=3)
    type(login).objects.filter(pk=login.pk).update(reads_resume_at=longer)
    restore(instagram)
    login.refresh_from_db()
    assert login.reads_resume_at == longer
