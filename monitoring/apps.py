"""The Django app monitoring."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """What changed over time."""

    name = "monitoring"
    label = "monitoring"
