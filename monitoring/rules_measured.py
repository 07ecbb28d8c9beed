"""What the rules say to a measurement, a new post, a target in trouble. Called within the transaction that wrote it.

Only accepted answers come here: nothing cached, stale or partial is a measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from monitoring import anomalies, anomaly_history, rules_levels
from monitoring.alerts import Finding, write
from monitoring.measuring import Taken
from monitoring.models import AlertKind, AlertRule, Monitor
from monitoring.rules_levels import Level
from monitoring.rules_matching import about_monitor, at_work, monitor_subject
from monitoring.rules_standing import guarded, settle

HOUR: Final = timedelta(hours=1)
#: The ages at which a post is compared with the account's other posts.
POST_AGES: Final = (6, 24)
_MEASURED: Final = (
    AlertKind.THRESHOLD, AlertKind.CHANGE, AlertKind.ANOMALY, AlertKind.POST_BAND, AlertKind.FACT,
)  # fmt: skip
_TEXT: Final = 160
_FLAGS: Final = {
    ("is_private", "yes"): "fact.private", ("is_private", "no"): "fact.public",
    ("is_verified", "yes"): "fact.verified", ("is_verified", "no"): "fact.unverified",
}  # fmt: skip


def after_measurements(
    sender: type[Monitor], *, workspace_id: UUID, measurements: Sequence[tuple[Monitor, Taken]], **_: Any  # noqa: ARG001
) -> None:  # fmt: skip
    """Ask each rule that is about one of the monitors. One query where there is none, however many were measured."""
    rules = at_work(workspace_id, _MEASURED)
    for monitor, taken in measurements if rules else ():
        for rule in about_monitor(rules, monitor):
            guarded(partial(_ASKED[AlertKind(rule.kind)], rule, monitor, taken), f"monitor {monitor.pk}")


def after_post(sender: type[Monitor], *, monitor: Monitor, now: datetime, **_: Any) -> None:  # noqa: ARG001
    """A new post is told once."""
    for rule in about_monitor(at_work(monitor.workspace_id, [AlertKind.NEW_POST]), monitor):
        found = partial(write, rule, monitor_subject(monitor), Finding("new_post", "found"), at=now)
        guarded(found, f"monitor {monitor.pk}")


def after_trouble(sender: type[Monitor], *, monitor: Monitor, code: str, now: datetime, **_: Any) -> None:  # noqa: ARG001
    """A target cannot be measured, or can again."""
    level = Level(is_beyond=bool(code), is_calm=not code)
    fired, ended = Finding("target.fired", code, {"why": monitor.trouble}), Finding("target.ended", "")
    for rule in about_monitor(at_work(monitor.workspace_id, [AlertKind.TARGET]), monitor):
        turn = partial(settle, rule, monitor_subject(monitor), level, fired, ended, at=now, looks=1)
        guarded(turn, f"monitor {monitor.pk}")


def _threshold(rule: AlertRule, monitor: Monitor, taken: Taken) -> None:
    value = taken.counts.get(rule.metric)
    if value is None or rule.limit is None:
        return
    level = rules_levels.threshold(value, rule.limit, rule.side)
    words = {"metric": rule.metric}
    fired = Finding(f"threshold.{rule.side}", "", words, value=value, limit=rule.limit)
    ended = Finding("threshold.ended", "", words, value=value, limit=rule.limit)
    settle(rule, monitor_subject(monitor), level, fired, ended, at=taken.at)


def _change(rule: AlertRule, monitor: Monitor, taken: Taken) -> None:
    value, hours = taken.counts.get(rule.metric), rule.window_hours
    if value is None or rule.limit is None or not hours:
        return
    old = anomaly_history.count_ago(monitor, rule.metric, taken.at, hours * HOUR)
    if not old:
        return
    percent = 100 * (value - old) / old
    level = rules_levels.change(percent, rule.limit, rule.side)
    words = {"metric": rule.metric, "hours": hours, "old": old, "new": value}
    key = "change.up" if percent >= 0 else "change.down"
    fired = Finding(key, "", words, value=round(abs(percent), 2), limit=rule.limit)
    ended = Finding("change.ended", "", words, value=round(percent, 2), limit=rule.limit)
    settle(rule, monitor_subject(monitor), level, fired, ended, at=taken.at)


def _anomaly(rule: AlertRule, monitor: Monitor, taken: Taken) -> None:
    """The growth of the last day, looked at once an hour."""
    value = taken.counts.get(rule.metric)
    if value is None or not monitor.is_profile or not _is_first_since(monitor, taken, HOUR):
        return
    growth, before = anomaly_history.daily_growth(monitor, rule.metric, value, taken.at)
    band = anomalies.growth_band(before)
    if growth is None or band is None:
        return
    side = band.side(growth)
    level = Level(is_beyond=_wanted(rule, side), is_calm=band.is_calm(growth), side=side)
    words = {"metric": rule.metric, **_band_words(band)}
    edge = band.high if side > 0 else band.low
    fired = Finding("anomaly.high" if side > 0 else "anomaly.low", "", words, value=growth, limit=round(edge, 1))
    ended = Finding("anomaly.ended", "", words, value=growth, limit=round(edge, 1))
    settle(rule, monitor_subject(monitor), level, fired, ended, at=taken.at)


def _post_band(rule: AlertRule, monitor: Monitor, taken: Taken) -> None:
    """A post at certain ages against the account's others at the same age; told once an age."""
    value = anomaly_history.reactions(taken.counts.get("likes"), taken.counts.get("comments"))
    if monitor.is_profile or monitor.parent_id is None or monitor.posted_at is None or value is None:
        return
    for hours in POST_AGES:
        age, old = taken.at - monitor.posted_at, hours * HOUR
        if not old <= age <= old * 1.5 or taken.due - monitor.interval - monitor.posted_at >= old:
            continue
        band = anomalies.post_band(anomaly_history.others_at_age(monitor, old))
        side = band.side(value) if band else 0
        if band is None or not _wanted(rule, side):
            continue
        message = "post_band.high" if side > 0 else "post_band.low"
        edge = round(band.high if side > 0 else band.low, 1)
        finding = Finding(message, f"age:{hours}", {"hours": hours, **_band_words(band)}, value=value, limit=edge)
        write(rule, monitor_subject(monitor), finding, at=taken.at)


def _fact(rule: AlertRule, monitor: Monitor, taken: Taken) -> None:
    for fact, (old, new) in taken.changes.items():
        if rule.facts and fact not in rule.facts:
            continue
        words = {"fact": fact, "old": old[:_TEXT] or "–", "new": new[:_TEXT] or "–"}
        message = "fact.picture" if fact == "picture" else _FLAGS.get((fact, new), "fact.changed")
        write(rule, monitor_subject(monitor), Finding(message, f"{fact}:{taken.at.isoformat()}", words), at=taken.at)


def _band_words(band: anomalies.Band) -> dict[str, Any]:
    return {
        "low": round(band.low), "high": round(band.high), "samples": band.samples, "reason": band.reason,
    }  # fmt: skip


def _wanted(rule: AlertRule, side: int) -> bool:
    """Whether the rule looks at this side of a band."""
    return side != 0 and rule.side != ("below" if side > 0 else "above")


def _is_first_since(monitor: Monitor, taken: Taken, span: timedelta) -> bool:
    """Whether this due time is the monitor's first within its span of the clock."""
    seconds, due = span.total_seconds(), taken.due.timestamp()
    return due // seconds != (due - monitor.interval_seconds) // seconds


_ASKED: Final[dict[AlertKind, Callable[[AlertRule, Monitor, Taken], None]]] = {
    AlertKind.THRESHOLD: _threshold, AlertKind.CHANGE: _change, AlertKind.ANOMALY: _anomaly,
    AlertKind.POST_BAND: _post_band, AlertKind.FACT: _fact,
}  # fmt: skip
