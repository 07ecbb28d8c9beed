"""The models of monitoring. Measurements and roll-ups are partitioned tables without a model: ``measurement_rows``."""

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
    "INTERVAL_LONGEST", "INTERVAL_SHORTEST", "OPEN_STATES", "FactChange", "Gap", "Monitor", "MonitorKind",
    "MonitorState", "Note", "Outage",
]  # fmt: skip
