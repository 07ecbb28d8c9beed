"""How fast a login may act, within ceilings that the database keeps."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models

from accounts.models import InstagramLogin
from automation.models.batches import ActionKind
from igsite.ownership import OwnedQuerySet

#: Defaults and hard ceilings of follows, unfollows and removals together (``docs/domain.md``).
PER_HOUR, PER_HOUR_CEILING = 10, 20
PER_DAY, PER_DAY_CEILING = 60, 150
#: Of likes (with those that are taken back) and of comments.
LIKES_PER_HOUR, LIKES_PER_HOUR_CEILING = 20, 60
LIKES_PER_DAY, LIKES_PER_DAY_CEILING = 120, 500
COMMENTS_PER_HOUR, COMMENTS_PER_HOUR_CEILING = 3, 10
COMMENTS_PER_DAY, COMMENTS_PER_DAY_CEILING = 12, 50
#: Of everything together: what one person with a phone does on a busy day. No figure of the login's own changes it.
ALL_PER_HOUR, ALL_PER_DAY = 60, 500
#: Seconds between two actions.
GAP_MIN, GAP_MAX, GAP_LONGEST = 30, 90, 3600

TIES: Final = (ActionKind.FOLLOW, ActionKind.UNFOLLOW, ActionKind.REMOVE)
LIKES: Final = (ActionKind.LIKE, ActionKind.UNLIKE)


class WritePace(models.Model):
    """The pace of one login's actions; a login without a row has the defaults. ``next_at``: when the gap is over.

    ``per_hour`` and ``per_day`` are of follows, unfollows and removals together.
    """

    workspace_path = "login__workspace"

    login = models.OneToOneField(InstagramLogin, primary_key=True, on_delete=models.CASCADE, related_name="write_pace")
    per_hour = models.PositiveSmallIntegerField(default=PER_HOUR)
    per_day = models.PositiveSmallIntegerField(default=PER_DAY)
    likes_per_hour = models.PositiveSmallIntegerField(default=LIKES_PER_HOUR)
    likes_per_day = models.PositiveSmallIntegerField(default=LIKES_PER_DAY)
    comments_per_hour = models.PositiveSmallIntegerField(default=COMMENTS_PER_HOUR)
    comments_per_day = models.PositiveSmallIntegerField(default=COMMENTS_PER_DAY)
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
                condition=models.Q(likes_per_hour__range=(1, LIKES_PER_HOUR_CEILING))
                & models.Q(likes_per_day__range=(1, LIKES_PER_DAY_CEILING)),
                name="write_pace_likes_ceiling",
            ),
            models.CheckConstraint(
                condition=models.Q(comments_per_hour__range=(1, COMMENTS_PER_HOUR_CEILING))
                & models.Q(comments_per_day__range=(1, COMMENTS_PER_DAY_CEILING)),
                name="write_pace_comments_ceiling",
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

    def budget(self, kind: str) -> tuple[int, int]:
        """Actions like ``kind`` in an hour and in a day: this login's figures, never above the ceilings."""
        if kind in LIKES:
            return min(self.likes_per_hour, LIKES_PER_HOUR_CEILING), min(self.likes_per_day, LIKES_PER_DAY_CEILING)
        if kind == ActionKind.COMMENT:
            hour, day = COMMENTS_PER_HOUR_CEILING, COMMENTS_PER_DAY_CEILING
            return min(self.comments_per_hour, hour), min(self.comments_per_day, day)
        return min(self.per_hour, PER_HOUR_CEILING), min(self.per_day, PER_DAY_CEILING)


def counted_with(kind: str) -> tuple[str, ...]:
    """The kinds that share the budget of ``kind``."""
    return next((tuple(shared) for shared in (TIES, LIKES) if kind in shared), (kind,))
