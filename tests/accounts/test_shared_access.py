"""The open web is one access for all workspaces: what one workspace's proxy meets there stops nobody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts import proxy_ways, source_health
from accounts.gateway import errors
from accounts.models import Proxy, SourceAccess, SourceName, Workspace
from accounts.source_refusals import after_refusal
from igsite.jobs.kinds import Wait

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", [errors.ProxyBlocked, errors.NeedsLogin, errors.Throttled])
def test_what_a_proxy_meets_rests_nobody_else(workspace: Workspace, kind: type[errors.GatewayError]) -> None:
    access = source_health.access_of(workspace, SourceName.WEB)
    assert access is not None
    proxy = Proxy.objects.create(workspace=workspace, name="p", scheme="http", host="proxy.example", port=8080)
    error = kind()
    proxy_ways.Way(proxy).settle(error, now=NOW)
    before = SourceAccess.objects.filter(pk=access.pk).values().get()
    assert isinstance(after_refusal(access, error, now=NOW), Wait)
    assert SourceAccess.objects.filter(pk=access.pk).values().get() == before


def test_what_the_sites_own_address_meets_rests_all(workspace: Workspace) -> None:
    access = source_health.access_of(workspace, SourceName.WEB)
    assert access is not None
    error = errors.Throttled()
    proxy_ways.Way().settle(error, now=NOW)
    assert isinstance(after_refusal(access, error, now=NOW), Wait)
    access.refresh_from_db()
    assert access.resumes_at is not None
    assert access.resumes_at > NOW
