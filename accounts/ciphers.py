"""The one cipher of the vault: AES-256-GCM with a random nonce. No other module encrypts or decrypts what is stored.

boxed = nonce (12 bytes) | ciphertext and tag (16 bytes)
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE: Final = 12
OVERHEAD: Final = _NONCE + 16


class Damaged(Exception):
    """The bytes are not what was boxed, the key is another one, or they are bound to something else."""


def new_key() -> bytes:
    """32 bytes from the system's generator."""
    return os.urandom(KEY_BYTES)


def boxed(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """``plain`` under ``key``; ``bound`` is authenticated with it and not stored."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unboxed(key: bytes, box: bytes, bound: bytes) -> bytes:
    """What :func:`boxed` was given. Raises :class:`Damaged`."""
    try:
        return AESGCM(key).decrypt(box[:_NONCE], box[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise Damaged from None
