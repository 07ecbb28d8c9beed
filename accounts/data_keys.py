"""Data keys: one that is current for each workspace, and one for what belongs to the site itself, all stored wrapped.

A workspace's keys are wrapped by the key behind the passphrase when there is one, else by this machine's key. The
site's own key (second factors) always stays with the machine's: whoever unlocks the vault has to sign in first.
"""

from __future__ import annotations

import logging
from typing import Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import key_sources
from accounts.ciphers import Damaged, boxed, new_key, unboxed
from accounts.models import DataKey, VaultLock
from accounts.vault_errors import DataKeyLost, KeyUnavailable, VaultLocked

logger = logging.getLogger(__name__)
#: An advisory lock: whoever makes data keys shares it, whoever changes what wraps them has it alone.
_LOCK: Final = 0x6967_7661


def current(workspace_id: UUID | None) -> tuple[int, bytes]:
    """The id and the material of the key that seals now; made when there is none or it is damaged beyond use.

    Raises:
        VaultLocked: it is behind the passphrase.
        KeyUnavailable: the master key is missing or another one.
    """
    key = _current(workspace_id)
    if key is not None:
        try:
            return key.pk, _opened(key)
        except DataKeyLost:
            logger.exception("data key %s is damaged; a new one takes its place", key.pk)
            retire(key)
    made = _made(workspace_id)
    return made.pk, _opened(made)


def named(key_id: int, workspace_id: UUID | None) -> bytes:
    """The material of a key that sealed something for this workspace.

    Raises:
        DataKeyLost: it is missing or damaged.
        VaultLocked, KeyUnavailable: as :func:`current`.
    """
    key = of(workspace_id).filter(pk=key_id).first()
    if key is None:
        raise DataKeyLost(_("The key of a stored secret is missing. Enter the secret again."))
    return _opened(key)


def of(workspace_id: UUID | None) -> QuerySet[DataKey]:
    """The keys of a workspace, old ones too; None: the site's own."""
    if workspace_id is None:
        return DataKey.objects.filter(workspace=None)
    return DataKey.objects.filter(workspace_id=workspace_id)


def create(workspace_id: UUID | None) -> DataKey:
    """A new current key. Joins the caller's transaction; ``IntegrityError`` when there is a current one."""
    share_wrapping()
    master_id = master_for(workspace_id)
    # Two steps, since the row's id is part of what the wrapping is bound to.
    key = DataKey.objects.create(workspace_id=workspace_id, wrapped=b"", master_key_id=master_id)
    wrap(key, new_key(), master_id, key_sources.key_named(master_id))
    return key


def master_for(workspace_id: UUID | None) -> str:
    """The id of the master key that wraps new keys."""
    if workspace_id is not None:
        behind = VaultLock.objects.values_list("key_id", flat=True).first()
        if behind is not None:
            return str(behind)
    return key_sources.machine_key().id


def wrap(key: DataKey, material: bytes, master_id: str, master: bytes) -> None:
    """Store ``material`` under another master key."""
    key.master_key_id = master_id
    key.wrapped = boxed(master, material, _bound(key))
    key.save(update_fields=["wrapped", "master_key_id"])


def unwrap(key: DataKey, master: bytes) -> bytes:
    """The material under ``master``. Raises :class:`DataKeyLost`."""
    try:
        return unboxed(master, bytes(key.wrapped), _bound(key))
    except Damaged:
        raise DataKeyLost(
            _("The key of these secrets is damaged. Restore it from a backup, or enter the secrets again.")
        ) from None


def retire(key: DataKey) -> None:
    """Seal nothing more with it; what it sealed still opens."""
    DataKey.objects.filter(pk=key.pk).update(is_current=False)


def share_wrapping() -> None:
    """Until the end of this transaction nobody changes what wraps data keys."""
    _advisory("pg_advisory_xact_lock_shared")


def own_wrapping() -> None:
    """Until the end of this transaction nobody makes a data key, or changes what wraps them."""
    _advisory("pg_advisory_xact_lock")


def _advisory(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s)", [_LOCK])


def _current(workspace_id: UUID | None) -> DataKey | None:
    return of(workspace_id).filter(is_current=True).first()


def _made(workspace_id: UUID | None) -> DataKey:
    try:
        with transaction.atomic():
            return create(workspace_id)
    except IntegrityError:  # another process was first
        made = _current(workspace_id)
    if made is None:
        raise KeyUnavailable(_("The workspace's key could not be made."))
    return made


def _opened(key: DataKey) -> bytes:
    """The material. When another master key wraps it since the row was read, the row is read again."""
    try:
        return unwrap(key, key_sources.key_named(key.master_key_id))
    except (KeyUnavailable, VaultLocked):
        read_with = key.master_key_id
        key.refresh_from_db()
        if key.master_key_id == read_with:
            raise
        return unwrap(key, key_sources.key_named(key.master_key_id))


def _bound(key: DataKey) -> bytes:
    return f"accounts_datakey.wrapped|{key.pk}|{key.workspace_id or '-'}|{key.master_key_id}".encode()
