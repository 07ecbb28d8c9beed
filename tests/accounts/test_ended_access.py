"""What was ended is forgotten a month later; what stands stays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts import housekeeping, invitations, jwt_sessions, tokens
from accounts.models import ApiSession, ApiToken, Invitation, TokenScope
from igsite.ownership import Role
from tests.people import Cast

pytestmark = pytest.mark.django_db


def test_keys_that_ended_a_month_ago_are_forgotten(cast: Cast) -> None:
    now, membership = timezone.now(), cast.membership(cast.owner)
    long_ago = now - housekeeping.ENDED_ACCESS_KEPT - dt.timedelta(days=15)
    for number, began in enumerate((long_ago, now)):
        invitations.invite(
            workspace=cast.workspace,
            email=f"{number}@example.com",
            role=Role.VIEWER,
            by=cast.owner,
            link=str,
            now=began,
        )
        tokens.issue(
            membership=membership,
            name="cron",
            scope=TokenScope.READ,
            life=dt.timedelta(days=1),
            by=cast.owner,
            now=began,
        )
        jwt_sessions.begin(membership=membership, now=began)
    housekeeping.forget_ended_access(now)
    for kept in (Invitation, ApiToken, ApiSession):
        assert kept._default_manager.get().expires_at > now
