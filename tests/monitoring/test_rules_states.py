"""Logins and sources: told once they need somebody, and when they no longer do; by one of several sweeps."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from accounts.models import Circuit, InstagramLogin, LoginStatus, Part, SourceHealth, SourceName, Workspace
from monitoring import rules_states
from monitoring.alerts import Finding, Subject
from monitoring.models import Alert, AlertKind, AlertRule
from monitoring.rules_levels import Level
from monitoring.rules_standing import settle
from tests.monitoring.measured import NOW, said

MINUTE = timedelta(minutes=1)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="Pottery")


@pytest.fixture
def login(workspace: Workspace) -> InstagramLogin:
    return InstagramLogin.objects.create(workspace=workspace, username="mira", status=LoginStatus.READY)


def becomes(login: InstagramLogin, status: LoginStatus, at: Any = NOW) -> None:
    InstagramLogin.objects.filter(pk=login.pk).update(status=status, status_at=at)


def test_a_login_that_needs_somebody_is_told_once_it_has_lasted(workspace: Workspace, login: InstagramLogin) -> None:
    becomes(login, LoginStatus.NEEDS_CODE)
    rules_states.look(NOW + MINUTE)
    assert said(workspace) == []
    for minutes in (2, 3, 4):
        rules_states.look(NOW + minutes * MINUTE)
    [alert] = Alert.objects.for_workspace(workspace)
    assert (alert.message, alert.about, alert.severity) == ("login.needs_code", "@mira", "critical")
    assert alert.evidence == f"/settings/logins/{login.pk}/"


def test_another_need_is_told_and_so_is_the_end(workspace: Workspace, login: InstagramLogin) -> None:
    becomes(login, LoginStatus.NEEDS_CODE)
    rules_states.look(NOW + 2 * MINUTE)
    becomes(login, LoginStatus.FROZEN, NOW + 3 * MINUTE)
    rules_states.look(NOW + 4 * MINUTE)
    becomes(login, LoginStatus.CONNECTING, NOW + 5 * MINUTE)
    rules_states.look(NOW + 6 * MINUTE)
    becomes(login, LoginStatus.READY, NOW + 7 * MINUTE)
    for minutes in (8, 9):
        rules_states.look(NOW + minutes * MINUTE)
    assert said(workspace) == ["login.needs_code", "login.frozen", "login.ended"]


def test_a_broken_source_is_told_to_those_who_use_it(workspace: Workspace, login: InstagramLogin) -> None:
    elsewhere = Workspace.objects.create(name="Without a login")
    health = SourceHealth.objects.create(source=SourceName.LOGIN, part=Part.FOLLOWERS, state=Circuit.SUSPECT, since=NOW)
    rules_states.look(NOW)
    assert said(workspace) == []
    for state in (Circuit.BROKEN, Circuit.BROKEN, Circuit.CLOSED, Circuit.CLOSED):
        SourceHealth.objects.filter(pk=health.pk).update(state=state)
        rules_states.look(NOW)
    assert sorted(said(workspace)) == ["source.ended", "source.fired"]
    assert said(elsewhere) == []


def test_a_closed_workspace_is_told_nothing(workspace: Workspace, login: InstagramLogin) -> None:
    becomes(login, LoginStatus.FROZEN)
    Workspace.objects.filter(pk=workspace.pk).update(closed_at=NOW)
    rules_states.look(NOW)
    assert said(workspace) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_see_the_same_write_one_alert() -> None:
    workspace = Workspace.objects.create(name="Pottery")
    rule = AlertRule.objects.get(workspace=workspace, kind=AlertKind.LOGIN)
    together, subject = threading.Barrier(2, timeout=20), Subject("login:1", "@mira")

    def work() -> None:
        try:
            together.wait()
            for turn in range(6):
                level = Level(is_beyond=turn % 2 == 0, is_calm=turn % 2 == 1)
                with transaction.atomic():
                    settle(
                        rule, subject, level, Finding("login.frozen", ""), Finding("login.ended", ""), at=NOW, looks=1
                    )
                together.wait()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    keys = sorted(Alert.objects.for_workspace(workspace).values_list("change_key", flat=True))
    assert keys == ["1:off", "1:on", "2:off", "2:on", "3:off", "3:on"]
