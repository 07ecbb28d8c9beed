"""The jobs of monitoring; importing a module registers its kinds and chores."""

from monitoring import delivering, housekeeping, reading_job

__all__ = ["delivering", "housekeeping", "reading_job"]
