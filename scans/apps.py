"""The Django app scans."""

from django.apps import AppConfig


class ScansConfig(AppConfig):
    """What we saw: scans, edges, differences."""

    name = "scans"
    label = "scans"
