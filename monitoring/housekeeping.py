"""What looks at the clock each minute, and the chores of the night."""

from __future__ import annotations

from datetime import datetime

from igsite.jobs.housekeeping import each_minute, nightly
from monitoring import measuring_orders, old_alerts, partitions, rollups, rules_states


@each_minute("monitoring.readers")
def look_after_readers(now: datetime) -> None:
    """Reading jobs for whoever monitors something; due times set right after a clock that jumped."""
    measuring_orders.look_after_all(now)


@each_minute("monitoring.rules")
def look_at_rules(now: datetime) -> None:
    """Logins and sources that need somebody, or no longer do."""
    rules_states.look(now)


@nightly("monitoring.metrics")
def keep_metrics(now: datetime) -> None:
    """Partitions ahead, roll-ups of the days that have ended, old partitions away."""
    partitions.make_ahead(now)
    rollups.roll_up(now)
    rollups.drop_old(now)


@nightly("monitoring.alerts")
def forget_old_alerts(now: datetime) -> None:
    """Alerts and deliveries that are past their keeping."""
    old_alerts.forget(now)
