"""Rules about measurements: each tells a change of state once, and nothing that was not measured."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from monitoring import anomaly_history, measurement_rows, measuring, rules_measured
from monitoring.measurement_rows import Row
from monitoring.models import Alert, AlertKind, AlertRule, AlertState, Monitor, RuleScope
from monitoring.signals import post_found
from tests.monitoring.measured import DAY, HOUR, NOW, measure, measure_post, monitor, post_of, rule, said, tracked


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="Pottery")


@pytest.fixture
def mira(workspace: Workspace) -> Monitor:
    return monitor(workspace)


@pytest.fixture
def daily(workspace: Workspace) -> Monitor:
    """A profile that is measured once a day."""
    return monitor(workspace, "daily", seconds=86_400)


def threshold(workspace: Workspace, limit: float = 1_000, side: str = "above", **more: object) -> AlertRule:
    return rule(workspace, AlertKind.THRESHOLD, metric="followers", limit=limit, side=side, **more)


def test_a_threshold_is_told_when_it_is_crossed_and_not_again_while_it_stays_so(
    workspace: Workspace, mira: Monitor
) -> None:
    threshold(workspace)
    for hours, followers in enumerate((990, 1_000, 1_001, 1_100, 1_200)):
        measure(mira, NOW + hours * HOUR, followers)
    [alert] = Alert.objects.for_workspace(workspace)
    assert (alert.message, alert.value, alert.limit, alert.at) == ("threshold.above", 1_001, 1_000, NOW + 2 * HOUR)
    assert alert.about == "@mira"
    assert alert.evidence == f"/monitoring/{mira.uuid}/"


def test_a_value_that_trembles_at_the_limit_is_told_once(workspace: Workspace, mira: Monitor) -> None:
    threshold(workspace)
    for hours, followers in enumerate([1_001, 999, 1_002, 995, 1_001, 985, 1_003, 984, 1_001]):
        measure(mira, NOW + hours * HOUR, followers)
    assert said(workspace) == ["threshold.above"]


def test_a_threshold_ends_at_the_second_look_well_back_and_can_be_crossed_again(
    workspace: Workspace, mira: Monitor
) -> None:
    threshold(workspace)
    for hours, followers in enumerate((1_001, 980, 979, 978, 1_001)):
        measure(mira, NOW + hours * HOUR, followers)
    assert said(workspace) == ["threshold.above", "threshold.ended", "threshold.above"]
    ended = Alert.objects.get(state=AlertState.RESOLVED)
    assert (ended.severity, ended.value) == ("info", 979)


def test_below_is_the_other_side(workspace: Workspace, mira: Monitor) -> None:
    threshold(workspace, 500, "below")
    measure(mira, NOW, 500)
    assert said(workspace) == []
    measure(mira, NOW + HOUR, 499)
    assert said(workspace) == ["threshold.below"]


def test_a_count_that_the_source_did_not_give_is_no_zero(workspace: Workspace, mira: Monitor) -> None:
    threshold(workspace, 500, "below")
    measure(mira, NOW, None)
    assert said(workspace) == []


def test_what_could_not_be_measured_says_nothing(workspace: Workspace, mira: Monitor) -> None:
    threshold(workspace, 5_000, "below")
    measuring.failed(mira.pk, mira.due_at, code="transient", why="Instagram could not be reached.", now=NOW)
    assert said(workspace) == []


@pytest.mark.parametrize(("before", "after", "message"), [(1_000, 1_100, "change.up"), (1_000, 900, "change.down")])
def test_a_change_over_the_window_is_told(
    workspace: Workspace, mira: Monitor, before: int, after: int, message: str
) -> None:
    rule(workspace, AlertKind.CHANGE, metric="followers", limit=10, window_hours=24)
    for hours in range(24):
        measure(mira, NOW + hours * HOUR, before)
    assert said(workspace) == []
    measure(mira, NOW + 24 * HOUR, after)
    measure(mira, NOW + 25 * HOUR, after)
    [alert] = Alert.objects.for_workspace(workspace)
    assert (alert.message, alert.value, alert.limit) == (message, 10, 10)
    assert alert.arguments["old"] == before


def test_a_change_is_not_told_where_the_window_s_beginning_was_not_measured(
    workspace: Workspace, mira: Monitor
) -> None:
    rule(workspace, AlertKind.CHANGE, metric="followers", limit=10, window_hours=24)
    measure(mira, NOW, 1_000)
    measure(mira, NOW + 3 * DAY, 2_000)
    assert said(workspace) == []


@pytest.mark.parametrize("kind", [AlertKind.CHANGE, AlertKind.ANOMALY])
def test_looks_that_are_late_by_seconds_make_no_growth_of_two_days(
    workspace: Workspace, daily: Monitor, kind: AlertKind
) -> None:
    rule(
        workspace, kind, metric="followers", **({"limit": 1.5, "window_hours": 24} if kind == AlertKind.CHANGE else {})
    )
    for day in range(30):
        measure(daily, NOW + day * DAY + timedelta(seconds=day % 2 * 3), 1_000 + 10 * day)
    assert said(workspace) == []
    growth, before = anomaly_history.daily_growth(daily, "followers", 1_290, NOW + 29 * DAY + timedelta(seconds=3))
    assert (growth, set(before.values())) == (10, {10.0})


@pytest.mark.parametrize("kind", [AlertKind.CHANGE, AlertKind.ANOMALY])
def test_a_day_that_was_missed_makes_no_growth_of_two(workspace: Workspace, daily: Monitor, kind: AlertKind) -> None:
    rule(workspace, kind, metric="followers", **({"limit": 5, "window_hours": 24} if kind == AlertKind.CHANGE else {}))
    for day in (*range(28), 29):
        measure(daily, NOW + day * DAY, 1_000 + 30 * day)
    assert said(workspace) == []


def history(what: Monitor, until: datetime, *, days: int, growth: int = 10, gap: range = range(0)) -> int:
    """An hourly history that grows about so much a day; nothing is measured in the days of ``gap``."""
    rows, value = [], 10_000
    for hour in range(days * 24):
        at = until - timedelta(hours=days * 24 - hour)
        if hour % 24 == 12:
            value += growth + hour // 24 % 3
        if hour // 24 not in gap:
            rows.append(Row(at, {"followers": value}))
    measurement_rows.add(what.pk, rows)
    return value


def test_unusual_growth_is_told_with_the_band_and_its_reason(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.ANOMALY, metric="followers")
    last = history(mira, NOW, days=30)
    measure(mira, NOW, last)
    assert said(workspace) == []
    measure(mira, NOW + HOUR, last + 500)
    [alert] = Alert.objects.for_workspace(workspace)
    assert alert.message == "anomaly.high"
    assert alert.arguments["reason"] == "all_days"
    assert alert.arguments["low"] < 11 < alert.arguments["high"] < 100


def test_without_enough_history_nothing_is_unusual(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.ANOMALY, metric="followers")
    last = history(mira, NOW, days=8)
    measure(mira, NOW, last + 5_000)
    assert said(workspace) == []


def test_days_that_were_not_measured_are_no_growth(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.ANOMALY, metric="followers")
    last = history(mira, NOW, days=30, gap=range(28, 30))
    measure(mira, NOW, last + 5_000)
    assert said(workspace) == []


def test_a_post_far_from_the_account_s_others_is_told_once(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.POST_BAND)
    for number in range(10):
        other = post_of(mira, NOW - (number + 3) * DAY)
        assert other.posted_at is not None
        measurement_rows.add(other.pk, [Row(other.posted_at + 6 * HOUR, {"likes": 100 + 5 * number, "comments": 3})])
    usual, hit, flop = (post_of(mira, NOW) for _ in range(3))
    for what, likes in ((usual, 130), (hit, 4_000), (flop, 2)):
        for hours in (5, 6, 7, 8):
            measure_post(what, NOW + hours * HOUR, likes)
    told = Alert.objects.for_workspace(workspace).order_by("message")
    assert [(one.message, one.monitor) for one in told] == [("post_band.high", hit), ("post_band.low", flop)]


def test_a_new_post_is_told_once(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.NEW_POST)
    post = post_of(mira, NOW)
    for _again in range(2):
        post_found.send(sender=Monitor, monitor=post, now=NOW)
    assert said(workspace) == ["new_post"]


def test_changed_facts_are_told_and_the_first_sighting_is_none(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.FACT)
    measure(mira, NOW, biography="Clay", is_private=False, picture_url="https://a/one.jpg?x=1")
    measure(mira, NOW + HOUR, biography="Clay", is_private=False, picture_url="https://b/one.jpg?x=2")
    assert said(workspace) == []
    measure(mira, NOW + 2 * HOUR, biography="Glaze", is_private=True, picture_url="https://a/two.jpg")
    assert sorted(said(workspace)) == ["fact.changed", "fact.picture", "fact.private"]
    assert Alert.objects.get(message="fact.changed").arguments == {"fact": "bio", "old": "Clay", "new": "Glaze"}


def test_a_rule_about_some_facts_is_silent_on_others(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.FACT, facts=["picture"])
    measure(mira, NOW, biography="Clay")
    measure(mira, NOW + HOUR, biography="Glaze")
    assert said(workspace) == []


def test_a_target_in_trouble_is_told_once_and_its_end_too(workspace: Workspace, mira: Monitor) -> None:
    rule(workspace, AlertKind.TARGET)
    for _again in range(3):
        mira.refresh_from_db()
        measuring.failed(mira.pk, mira.due_at, code="gone", why="It was not found.", now=NOW)
    measure(mira, NOW + DAY)
    assert said(workspace) == ["target.fired", "target.ended"]


def test_a_rule_covers_its_monitor_its_account_and_its_tag_alone(workspace: Workspace, mira: Monitor) -> None:
    other = monitor(workspace, "noor")
    for one in (mira, other):
        measure(one, NOW, 10)
    account = tracked(workspace, mira, "family")
    threshold(workspace, scope=RuleScope.MONITOR, monitor=mira)
    threshold(workspace, scope=RuleScope.ACCOUNT, account=account)
    threshold(workspace, scope=RuleScope.TAG, tag="family")
    for one in (mira, other):
        measure(one, NOW + HOUR, 2_000)
    told = Alert.objects.for_workspace(workspace)
    assert [alert.monitor for alert in told] == [mira] * 3


def test_another_workspace_s_rules_are_not_asked(workspace: Workspace, mira: Monitor) -> None:
    elsewhere = Workspace.objects.create(name="Elsewhere")
    threshold(elsewhere)
    measure(mira, NOW, 2_000)
    assert Alert.objects.count() == 0


def test_a_disabled_rule_is_not_asked_and_a_snoozed_one_writes_silently(workspace: Workspace, mira: Monitor) -> None:
    threshold(workspace, is_enabled=False)
    threshold(workspace, snoozed_until=NOW + DAY)
    measure(mira, NOW, 2_000)
    [alert] = Alert.objects.for_workspace(workspace)
    assert alert.is_silent


def test_a_rule_that_breaks_does_not_stop_the_measuring(
    workspace: Workspace, mira: Monitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")

    threshold(workspace)
    monkeypatch.setitem(rules_measured._ASKED, AlertKind.THRESHOLD, broken)
    measure(mira, NOW, 2_000)
    assert mira.latest["followers"] == 2_000
    assert "could not be asked" in caplog.text


def test_without_rules_a_measurement_costs_one_query_more(mira: Monitor) -> None:
    measure(mira, NOW, 1_000)
    taken = measuring.Taken(NOW, NOW, {"followers": 1}, {}, {})
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rules_measured.after_measurements(Monitor, workspace_id=mira.workspace_id, measurements=[(mira, taken)] * 9)
    assert len(asked) == 1
