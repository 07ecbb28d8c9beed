"""The jobs of monitoring; importing a module registers its kinds and chores."""

from monitoring import housekeeping, reading_job

__all__ = ["housekeeping", "reading_job"]
