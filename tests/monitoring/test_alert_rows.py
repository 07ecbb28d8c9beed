"""An alert is written once, whoever writes it, and speaks the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from accounts.models import Workspace
from monitoring import alerts, built_in_rules
from monitoring.alert_words import MESSAGES, say
from monitoring.models import BUILT_IN, Alert, AlertKind, AlertRule, AlertState, Severity

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def rule(db: None) -> AlertRule:
    """One of a fresh workspace's own."""
    workspace = Workspace.objects.create(name="Pottery")
    return AlertRule.objects.get(workspace=workspace, kind=AlertKind.LOSSES)


def _write(rule: AlertRule, key: str = "1", **extra: object) -> Alert | None:
    finding = alerts.Finding("losses.followers", key, value=3, **extra)  # type: ignore[arg-type]
    return alerts.write(rule, alerts.Subject("account:1", "@mira"), finding, at=NOW)


def test_a_new_workspace_has_its_rules_and_keeps_them_as_people_set_them(rule: AlertRule) -> None:
    """All built-in kinds, once."""
    AlertRule.objects.filter(pk=rule.pk).update(is_muted=True)

    built_in_rules.provide(rule.workspace)

    mine = AlertRule.objects.for_workspace(rule.workspace)
    assert sorted(mine.values_list("kind", flat=True)) == sorted(BUILT_IN)
    assert mine.get(kind=AlertKind.LOSSES).is_muted


def test_the_same_change_of_state_is_written_once(
    rule: AlertRule, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    """Who comes second writes nothing and tells nobody; another change is another alert."""
    told: list[object] = []

    def hear(alert_id: object, **_: object) -> None:
        told.append(alert_id)

    alerts.alert_raised.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            first, again, other = _write(rule), _write(rule), _write(rule, "2", state=AlertState.RESOLVED)
    finally:
        alerts.alert_raised.disconnect(hear)

    assert first is not None
    assert again is None
    assert other is not None
    assert told == [first.pk, other.pk]
    assert other.severity == Severity.INFO


def test_a_muted_rule_writes_silently(
    rule: AlertRule, django_capture_on_commit_callbacks: pytest.FixtureRequest
) -> None:
    """It is on record, and nobody is told."""
    rule.is_muted = True

    with django_capture_on_commit_callbacks() as callbacks:  # type: ignore[operator]
        alert = _write(rule)

    assert alert is not None
    assert alert.is_silent
    assert callbacks == []


def test_an_alert_outlives_its_rule(rule: AlertRule) -> None:
    """Also two of different rules that saw the same."""
    twin = AlertRule.objects.create(workspace=rule.workspace, kind=AlertKind.LOSSES, limit=0)
    _write(rule)
    _write(twin)

    AlertRule.objects.for_workspace(rule.workspace).delete()

    assert Alert.objects.for_workspace(rule.workspace).filter(rule=None).count() == 2


@pytest.mark.parametrize("key", sorted(MESSAGES))
def test_all_words_can_be_said_even_of_a_row_without_arguments(key: str) -> None:
    """An old row must not break a page."""
    alert = Alert(message=key, about="@mira", kind=AlertKind.LOSSES, value=1234.5)
    for language in ("en", "es"):
        with translation.override(language):
            assert say(alert).strip()


def test_numbers_are_said_in_the_reader_s_way() -> None:
    """Grouped by the language's own rule."""
    alert = Alert(message="losses.followers", about="@mira", kind=AlertKind.LOSSES, value=12345)
    with translation.override("en"):
        assert "12,345" in say(alert)
