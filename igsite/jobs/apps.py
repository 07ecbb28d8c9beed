"""The Django app igsite.jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Long-running work."""

    name = "igsite.jobs"
    label = "jobs"
