"""Instagram identities: shared facts, not owned by a workspace."""

from __future__ import annotations

from django.db import models


class Profile(models.Model):
    """One Instagram identity. ``id`` is Instagram's numeric pk; a new ``username`` is a rename, never another person.

    A negative ``id`` is provisional: somebody of whom only the user name is known (Instagram's own export has no pk);
    a scan that meets the name with its pk replaces it. ``picture_path`` is the path of the picture's address without
    host and signature, which change at each fetch. Counts are None where no source gave them.
    """

    id = models.BigIntegerField(primary_key=True)
    username = models.CharField(max_length=150)
    full_name = models.CharField(max_length=300, default="", blank=True)
    is_private = models.BooleanField(null=True)
    is_verified = models.BooleanField(null=True)
    is_business = models.BooleanField(null=True)
    picture_path = models.TextField(default="", blank=True)
    biography = models.TextField(default="", blank=True)
    followers_count = models.BigIntegerField(null=True)
    following_count = models.BigIntegerField(null=True)
    posts_count = models.BigIntegerField(null=True)
    details_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"@{self.username}"
