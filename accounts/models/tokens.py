"""Keys for programs: API tokens and the sessions behind JWTs. Only hashes are stored."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.workspaces import Membership
from igsite.ownership import OwnedQuerySet


class TokenScope(models.TextChoices):
    """What a token may do at most; the member's role limits it further."""

    READ = "read", _("Read only")
    WRITE = "write", _("Read and change")


class ApiToken(models.Model):
    """A member's key for a program. It goes with the membership, so that whoever leaves takes no key along.

    ``hint`` is how the token begins, to tell one from another.
    """

    workspace_path = "membership__workspace"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    scope = models.CharField(_("scope"), max_length=10, choices=TokenScope.choices, default=TokenScope.READ)
    token_hash = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(scope__in=TokenScope.values), name="api_token_scope_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ApiSession(models.Model):
    """What stands behind the JWTs of one sign-in through the API: revoked here, they end at once.

    ``refresh_hash`` changes with each refresh; ``spent_hash`` is the one before: whoever shows it again has a stolen
    copy, and the session ends. ``password_mark`` ties the session to the password it began with.
    """

    workspace_path = "membership__workspace"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_sessions")
    refresh_hash = models.BinaryField(max_length=32, unique=True)
    spent_hash = models.BinaryField(max_length=32, null=True, db_index=True)
    password_mark = models.CharField(max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"session {self.pk}"
