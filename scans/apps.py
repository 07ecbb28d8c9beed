"""The Django app scans."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScansConfig(AppConfig):
    """What we saw: scans, edges, differences."""

    name = "scans"
    label = "scans"

    def ready(self) -> None:
        """Follow up each scan that ends; add the pages that stand beside those of one account."""
        from igsite import navigation
        from scans import bitmaps, loss_checks, search_text
        from scans.signals import scan_completed

        scan_completed.connect(bitmaps.after_scan, dispatch_uid="scans.bitmaps")
        scan_completed.connect(loss_checks.after_scan, dispatch_uid="scans.loss_checks")
        scan_completed.connect(search_text.after_scan, dispatch_uid="scans.search_text")
        navigation.register(navigation.Entry("network:overlaps", _("Network"), "waypoints", 35))
        navigation.register(navigation.Entry("exports:list", _("Exports"), "download", 65))
        schedule = navigation.Entry("settings-scans:schedule", _("Schedule"), "calendar-clock", 27)
        navigation.register(schedule, among=navigation.SETTINGS)
