"""Keys of the vault, none of them readable by itself: data keys, and the key behind the passphrase."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.models.workspaces import Workspace
from igsite.ownership import OwnedQuerySet


class DataKey(models.Model):
    """One workspace's key for its secrets, itself encrypted. Its id is part of every ciphertext it made.

    ``workspace`` is None for the site's own key, which seals what belongs to a person and to no workspace (MFA).
    """

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="data_keys")
    wrapped = models.BinaryField()
    master_key_id = models.CharField(max_length=40)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_current=True),
                nulls_distinct=False,
                name="data_key_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"data key {self.pk}"


class VaultLock(models.Model):
    """There is a passphrase: the key that wraps the workspaces' data keys, itself wrapped by what the passphrase
    gives (Argon2id) and by this machine's key. At most one row; none: the vault is always open.

    Nothing here tells whether a passphrase is right but opening the key with it. ``lock_after`` is in minutes, None for
    never. ``refused`` counts wrong passphrases since the last right one; ``next_try_at`` slows them down.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    key_id = models.CharField(max_length=40)
    machine_key_id = models.CharField(max_length=40)
    salt = models.BinaryField()
    time_cost = models.PositiveIntegerField()
    memory_kib = models.PositiveIntegerField()
    lanes = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    lock_after = models.PositiveIntegerField(null=True)
    refused = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    objects = models.Manager()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="vault_lock_only_one")]

    def __str__(self) -> str:
        return "passphrase of the vault"
