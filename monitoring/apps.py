"""The Django app monitoring."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    """What changed over time."""

    name = "monitoring"
    label = "monitoring"

    def ready(self) -> None:
        """Add the pages to the navigation."""
        from igsite import navigation

        navigation.register(navigation.Entry("monitoring:list", _("Monitoring"), "activity", 40))
