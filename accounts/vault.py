"""The vault: the only place that encrypts and decrypts what is stored.

A secret is sealed with AES-256-GCM under a data key of its workspace (or of the site, for what belongs to no
workspace); data keys are stored wrapped by the master key. What a sealed value is bound to (its column, its row, its
workspace) is authenticated with it: a ciphertext that was copied elsewhere does not open.

    sealed = version (1 byte) | data key id (8) | nonce (12) | ciphertext and tag
"""

from __future__ import annotations

import os
import struct
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.master_key import KEY_BYTES, MasterKey, MasterKeyMissing, master_key
from accounts.models import DataKey
from igsite.problems import Unavailable
from igsite.secrets import Secret

_VERSION: Final = 1
_HEADER: Final = struct.Struct(">BQ")
_NONCE: Final = 12
_TAG: Final = 16


class VaultError(Unavailable):
    """A secret could not be sealed or opened. The sentence is fit for a person and tells nothing of the secret."""

    code = "vault"


class KeyUnavailable(VaultError):
    """The key that sealed it is not there: no master key, another one than then, or a data key that was lost."""


class Unreadable(VaultError):
    """The stored bytes are damaged, or were sealed for another place. They are not touched."""


def seal(place: str, row_id: object, workspace_id: UUID | None, secret: Secret) -> bytes:
    """``secret`` sealed for one place.

    Args:
        place: ``table.column``.
        row_id: the row's primary key; it must be known before.
        workspace_id: whose data key is used; None for what belongs to the site itself.

    Raises:
        KeyUnavailable: there is no usable key.
    """
    key_id, material = _current_key(workspace_id)
    header = _HEADER.pack(_VERSION, key_id)
    nonce = os.urandom(_NONCE)
    plain = secret.reveal().encode("utf-8", "surrogatepass")
    return header + nonce + AESGCM(material).encrypt(nonce, plain, _bound(header, place, row_id, workspace_id))


def open_sealed(place: str, row_id: object, workspace_id: UUID | None, sealed: bytes | memoryview) -> Secret:
    """What :func:`seal` was given, for the same place.

    Raises:
        Unreadable: damaged, cut, or sealed for another place.
        KeyUnavailable: the key that sealed it is not there.
    """
    sealed = bytes(sealed)
    if len(sealed) < _HEADER.size + _NONCE + _TAG:
        raise Unreadable("A stored secret is cut short.")
    header = sealed[: _HEADER.size]
    version, key_id = _HEADER.unpack(header)
    if version != _VERSION:
        raise Unreadable("A stored secret has a form that this version does not know.")
    material = _key_of(key_id, workspace_id)
    nonce, box = sealed[_HEADER.size : _HEADER.size + _NONCE], sealed[_HEADER.size + _NONCE :]
    try:
        plain = AESGCM(material).decrypt(nonce, box, _bound(header, place, row_id, workspace_id))
    except InvalidTag:
        raise Unreadable("A stored secret is damaged or was moved from another place. Enter it again.") from None
    return Secret(plain.decode("utf-8", "surrogatepass"))


def _bound(header: bytes, place: str, row_id: object, workspace_id: UUID | None) -> bytes:
    return header + f"{place}|{row_id}|{workspace_id or '-'}".encode()


def _current_key(workspace_id: UUID | None) -> tuple[int, bytes]:
    key = _find_current(workspace_id)
    if key is None:
        try:
            with transaction.atomic():
                key = _new_key(workspace_id)
        except IntegrityError:  # another process was first
            key = _find_current(workspace_id)
    if key is None:
        raise KeyUnavailable("The workspace's key could not be made.")
    return key.pk, _unwrapped(key)


def _find_current(workspace_id: UUID | None) -> DataKey | None:
    return _keys_of(workspace_id).filter(is_current=True).first()


def _keys_of(workspace_id: UUID | None) -> QuerySet[DataKey]:
    if workspace_id is None:
        return DataKey.objects.filter(workspace=None)
    return DataKey.objects.filter(workspace_id=workspace_id)


def _new_key(workspace_id: UUID | None) -> DataKey:
    master = _master()
    # Two steps, since the row's id is part of what the wrapping is bound to.
    key = DataKey.objects.create(workspace_id=workspace_id, wrapped=b"", master_key_id=master.id)
    nonce = os.urandom(_NONCE)
    key.wrapped = nonce + AESGCM(master.material).encrypt(nonce, os.urandom(KEY_BYTES), _wrapping(key))
    key.save(update_fields=["wrapped"])
    return key


def _key_of(key_id: int, workspace_id: UUID | None) -> bytes:
    key = _keys_of(workspace_id).filter(pk=key_id).first()
    if key is None:
        raise KeyUnavailable("The key of a stored secret is missing. Enter the secret again.")
    return _unwrapped(key)


def _unwrapped(key: DataKey) -> bytes:
    master = _master()
    if master.id != key.master_key_id:
        raise KeyUnavailable(
            "The secrets of this workspace were sealed under another master key. Give back the key they were made with."
        )
    wrapped = bytes(key.wrapped)
    try:
        return AESGCM(master.material).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _wrapping(key))
    except (InvalidTag, ValueError):
        raise Unreadable("The workspace's key is damaged. Restore it from a backup.") from None


def _wrapping(key: DataKey) -> bytes:
    return f"accounts_datakey.wrapped|{key.pk}|{key.workspace_id or '-'}|{key.master_key_id}".encode()


def _master() -> MasterKey:
    try:
        return master_key()
    except MasterKeyMissing as missing:
        raise KeyUnavailable(str(missing)) from missing
