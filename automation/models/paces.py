"""How fast a login may act, within ceilings that the database keeps."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models import InstagramLogin
from igsite.ownership import OwnedQuerySet

#: Defaults and hard ceilings of follows, unfollows and removals together (``docs/domain.md``).
PER_HOUR, PER_HOUR_CEILING = 10, 20
PER_DAY, PER_DAY_CEILING = 60, 150
#: Seconds between two actions.
GAP_MIN, GAP_MAX, GAP_LONGEST = 30, 90, 3600


class WritePace(models.Model):
    """The pace of one login's actions; a login without a row has the defaults. ``next_at``: when the gap is over."""

    workspace_path = "login__workspace"

    login = models.OneToOneField(InstagramLogin, primary_key=True, on_delete=models.CASCADE, related_name="write_pace")
    per_hour = models.PositiveSmallIntegerField(default=PER_HOUR)
    per_day = models.PositiveSmallIntegerField(default=PER_DAY)
    gap_min = models.PositiveSmallIntegerField(default=GAP_MIN)
    gap_max = models.PositiveSmallIntegerField(default=GAP_MAX)
    next_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(per_hour__range=(1, PER_HOUR_CEILING))
                & models.Q(per_day__range=(1, PER_DAY_CEILING)),
                name="write_pace_ceiling",
            ),
            models.CheckConstraint(
                condition=models.Q(gap_min__gte=GAP_MIN)
                & models.Q(gap_max__gte=models.F("gap_min"))
                & models.Q(gap_max__lte=GAP_LONGEST),
                name="write_pace_gap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_hour}/h, {self.per_day}/day"
