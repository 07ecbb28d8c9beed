"""The Django app automation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationConfig(AppConfig):
    """What we do: reviewed, budgeted actions."""

    name = "automation"
    label = "automation"

    def ready(self) -> None:
        """Add the pages to the navigation."""
        from igsite import navigation

        navigation.register(navigation.Entry("automation:list", _("Actions"), "user-round-cog", 50))
        navigation.register(navigation.Entry("predictions:list", _("Predictions"), "target", 52))
        navigation.register(navigation.Entry("discovery:list", _("Discovery"), "compass", 54))
