"""Rules about scans: only confirmed losses, each counted once; a failing account is told once."""

from __future__ import annotations

import pytest

from accounts.models import TrackedAccount
from igsite.jobs.models import JobState
from monitoring.models import Alert, AlertKind, AlertRule
from tests.monitoring.measured import rule, said
from tests.scans import listed
from tests.scans.world_of_people import World
from tests.scans.world_reader import Reader


@pytest.fixture
def account(db: None) -> TrackedAccount:
    """Its workspace has the built-in rules, as every workspace."""
    return listed.account()


def test_a_missing_person_is_no_loss_until_a_second_complete_scan(account: TrackedAccount) -> None:
    listed.scanned(account, listed.numbers(1, 40))
    listed.scanned(account, listed.numbers(2, 40))
    assert said(account.workspace) == []
    listed.scanned(account, listed.numbers(2, 40))
    [alert] = Alert.objects.for_workspace(account.workspace)
    assert (alert.message, alert.value, alert.account) == ("losses.followers", 1, account)
    assert alert.evidence == f"/accounts/{account.pk}/changes/?list=followers&since=1&until=3&state=confirmed"
    listed.scanned(account, listed.numbers(2, 40))
    assert Alert.objects.for_workspace(account.workspace).count() == 1


def test_partial_and_quarantined_scans_lose_nobody(account: TrackedAccount) -> None:
    listed.scanned(account, listed.numbers(1, 101))
    for _again in range(3):
        listed.scanned(account, listed.numbers(1, 60), counted=100, stop="throttled")
    listed.scanned(account, listed.numbers(1, 50))
    assert said(account.workspace) == ["scan.quarantined"]


def test_a_rule_about_more_than_so_many_waits_for_them(account: TrackedAccount) -> None:
    AlertRule.objects.filter(workspace=account.workspace, kind=AlertKind.LOSSES).update(limit=2)
    listed.scanned(account, listed.numbers(1, 101))
    for gone in (3, 3, 7, 7):
        listed.scanned(account, listed.numbers(gone, 101))
    [alert] = Alert.objects.for_workspace(account.workspace)
    assert (alert.value, alert.limit) == (4, 2)


def test_a_certain_person_is_told_by_name(account: TrackedAccount) -> None:
    rule(account.workspace, AlertKind.PERSON_LOST, person=1, person_name="person1")
    listed.scanned(account, listed.numbers(1, 40))
    for _again in range(2):
        listed.scanned(account, listed.numbers(3, 40))
    assert sorted(said(account.workspace)) == ["losses.followers", "person_lost.followers"]
    assert Alert.objects.get(kind=AlertKind.PERSON_LOST).arguments == {"person": "@person1"}


def test_a_failing_account_is_told_once_and_its_recovery_too(account: TrackedAccount) -> None:
    for _again in range(3):
        listed.scanned(account, [], counted=50, stop="unreachable")
    listed.scanned(account, listed.numbers(1, 51))
    assert said(account.workspace) == ["scan.failed", "scan.ended"]


def test_what_a_person_cancelled_is_no_failure(account: TrackedAccount) -> None:
    listed.scanned(account, [], counted=50, stop="cancelled")
    assert said(account.workspace) == []


@pytest.mark.django_db(transaction=True)
def test_what_the_friendship_confirmed_is_told_once_and_not_again_by_the_second_scan(
    monkeypatch: pytest.MonkeyPatch, settings: pytest.FixtureRequest
) -> None:
    settings.PACE_SCALE = 0  # type: ignore[attr-defined]
    reader = Reader(monkeypatch, World(followers=list(range(100, 160))), is_own=True)
    reader.scan()
    reader.world.followers = list(range(102, 160))
    reader.scan()
    workspace = reader.edges.account.workspace
    assert said(workspace) == []
    assert reader.check().state == JobState.DONE
    [alert] = Alert.objects.for_workspace(workspace)
    assert (alert.message, alert.value) == ("losses.followers", 2)
    reader.scan()
    assert said(workspace) == ["losses.followers"]
