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
        from monitoring import built_in_rules, demo, rules_measured, rules_scanned
        from monitoring.signals import measurements_taken, post_found, trouble_changed
        from scans.signals import demo_filled, losses_checked, scan_completed

        post_save.connect(
            built_in_rules.after_save, sender="accounts.Workspace", dispatch_uid="monitoring.built_in_rules"
        )
        measurements_taken.connect(rules_measured.after_measurements, dispatch_uid="monitoring.rules")
        post_found.connect(rules_measured.after_post, dispatch_uid="monitoring.rules")
        trouble_changed.connect(rules_measured.after_trouble, dispatch_uid="monitoring.rules")
        scan_completed.connect(rules_scanned.after_scan, dispatch_uid="monitoring.rules")
        losses_checked.connect(rules_scanned.after_check, dispatch_uid="monitoring.rules")
        demo_filled.connect(demo.fill, dispatch_uid="monitoring.demo")
        navigation.register(navigation.Entry("monitoring:list", _("Monitoring"), "activity", 40))
        navigation.register(navigation.Entry("alerts:inbox", _("Alerts"), "bell", 42))
        channels = navigation.Entry("notifications:list", _("Notifications"), "bell-ring", 28)
        navigation.register(channels, among=navigation.SETTINGS)
