"""The Django app igsite.jobs."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Long-running work."""

    name = "igsite.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Find the kinds of every app, and keep pickles out of the queue."""
        from igsite.jobs import payloads

        payloads.install()
        autodiscover_modules("job_kinds")
