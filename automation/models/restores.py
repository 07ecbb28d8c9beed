"""Restored backups: from when to when what was done stands in no row."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Max, Min


class GapQuerySet(models.QuerySet["RestoreGap"]):
    """Gaps, of which several add up to one."""

    def since(self, made_at: datetime | None) -> tuple[datetime, datetime] | None:
        """From when to when something about a thing that was ``made_at`` then may be missing; None: nothing is.

        ``made_at`` None: nobody knows how old it is.
        """
        met = self if made_at is None else self.filter(restored_at__gt=made_at)
        span = met.aggregate(since=Min("made_at"), until=Max("restored_at"))
        return (span["since"], span["until"]) if span["since"] else None


class RestoreGap(models.Model):
    """A backup that was ``made_at`` was restored at ``restored_at``: rows of what was sent in between are lost."""

    made_at = models.DateTimeField()
    restored_at = models.DateTimeField()

    objects = GapQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.made_at} to {self.restored_at}"
