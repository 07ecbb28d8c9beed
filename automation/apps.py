"""The Django app automation."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """What we do: reviewed, budgeted actions."""

    name = "automation"
    label = "automation"
