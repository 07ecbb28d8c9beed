"""The vault: what is sealed here opens in its own place only.

A secret is sealed with AES-256-GCM under a data key of its workspace (or of the site, for what belongs to no
workspace, :mod:`accounts.data_keys`). What it is bound to (its column, its row, its workspace) is authenticated with
it: a ciphertext that was copied elsewhere does not open.

    sealed = version (1 byte) | data key id (8) | nonce (12) | ciphertext and tag
"""

from __future__ import annotations

import struct
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import data_keys
from accounts.ciphers import OVERHEAD, Damaged, boxed, unboxed
from accounts.key_sources import kept
from accounts.vault_errors import DataKeyLost, KeyUnavailable, SecretLost, Unreadable, VaultError, VaultLocked
from igsite.secrets import Secret

__all__ = [
    "DataKeyLost", "KeyUnavailable", "SecretLost", "Unreadable", "VaultError", "VaultLocked", "kept", "key_id_of",
    "open_sealed", "seal",
]  # fmt: skip

_VERSION: Final = 1
_HEADER: Final = struct.Struct(">BQ")


def seal(place: str, row_id: object, workspace_id: UUID | None, secret: Secret) -> bytes:
    """``secret`` sealed for one place.

    Args:
        place: ``table.column``.
        row_id: the row's primary key; it must be known before.
        workspace_id: whose data key is used; None for what belongs to the site itself.

    Raises:
        VaultLocked: the vault waits for its passphrase.
        KeyUnavailable: there is no usable master key.
    """
    key_id, material = data_keys.current(workspace_id)
    header = _HEADER.pack(_VERSION, key_id)
    plain = secret.reveal().encode("utf-8", "surrogatepass")
    return header + boxed(material, plain, _bound(header, place, row_id, workspace_id))


def open_sealed(place: str, row_id: object, workspace_id: UUID | None, sealed: bytes | memoryview) -> Secret:
    """What :func:`seal` was given, for the same place.

    Raises:
        Unreadable: damaged, cut, or sealed for another place.
        DataKeyLost: the data key that sealed it is missing or damaged.
        VaultLocked, KeyUnavailable: as :func:`seal`.
    """
    sealed = bytes(sealed)
    header = sealed[: _HEADER.size]
    material = data_keys.named(key_id_of(sealed), workspace_id)
    try:
        plain = unboxed(material, sealed[_HEADER.size :], _bound(header, place, row_id, workspace_id))
    except Damaged:
        raise Unreadable(_("A stored secret is damaged or was moved from another place. Enter it again.")) from None
    return Secret(plain.decode("utf-8", "surrogatepass"))


def key_id_of(sealed: bytes | memoryview) -> int:
    """The id of the data key that sealed it. Raises :class:`Unreadable`."""
    if len(sealed) < _HEADER.size + OVERHEAD:
        raise Unreadable(_("A stored secret is cut short. Enter it again."))
    version, key_id = _HEADER.unpack(bytes(sealed[: _HEADER.size]))
    if version != _VERSION:
        raise Unreadable(_("A stored secret has a form that this version does not know."))
    return int(key_id)


def _bound(header: bytes, place: str, row_id: object, workspace_id: UUID | None) -> bytes:
    return header + f"{place}|{row_id}|{workspace_id or '-'}".encode()
