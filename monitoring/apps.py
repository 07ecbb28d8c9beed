"""The Django app monitoring."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MonitoringConfig(AppConfig):
    """What changed over time."""

    name = "monitoring"
    label = "monitoring"

    def ready(self) -> None:
        """Add the pages to the navigation; give each new workspace its rules."""
        from django.db.models.signals import post_save

        from igsite import navigation
        from monitoring import built_in_rules

        post_save.connect(
            built_in_rules.after_save, sender="accounts.Workspace", dispatch_uid="monitoring.built_in_rules"
        )
        navigation.register(navigation.Entry("monitoring:list", _("Monitoring"), "activity", 40))
