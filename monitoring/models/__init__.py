"""The models of monitoring. Measurements and roll-ups are partitioned tables without a model: ``measurement_rows``."""

from monitoring.models.alerts import (
    BUILT_IN,
    Alert,
    AlertFeed,
    AlertKind,
    AlertRead,
    AlertRule,
    AlertState,
    RuleScope,
    RuleSide,
    RuleStand,
    Severity,
)
from monitoring.models.channels import (
    ChannelKind,
    ChannelState,
    Delivery,
    DeliveryState,
    NotificationChannel,
    Pace,
)
from monitoring.models.events import FactChange, Gap, Note, Outage
from monitoring.models.monitors import (
    INTERVAL_LONGEST,
    INTERVAL_SHORTEST,
    OPEN_STATES,
    Monitor,
    MonitorKind,
    MonitorState,
)

__all__ = [
    "BUILT_IN", "INTERVAL_LONGEST", "INTERVAL_SHORTEST", "OPEN_STATES", "Alert", "AlertFeed", "AlertKind", "AlertRead",
    "AlertRule", "AlertState", "ChannelKind", "ChannelState", "Delivery", "DeliveryState", "FactChange", "Gap",
    "Monitor", "MonitorKind", "MonitorState", "Note", "NotificationChannel", "Outage", "Pace", "RuleScope", "RuleSide",
    "RuleStand", "Severity",
]  # fmt: skip
