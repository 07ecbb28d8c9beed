"""Where the master key comes from: the environment, the operating system's own store, or a file of this machine.

In this order: ``IGSITE_MASTER_KEY``; the store behind ``keyring`` (service ``igsite``, name ``master-key``) when
``IGSITE_MASTER_KEY_KEYRING`` is on; the file ``IGSITE_MASTER_KEY_FILE``. Demo and test mode make the file on first use;
production never makes a key by itself, since a key that nobody knows of is in no backup.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from igsite import environment as env

KEY_BYTES = 32


class MasterKeyMissing(Exception):
    """There is no usable master key. The sentence says what to do."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """32 bytes, and a short id derived from them that says which key wrapped what without telling the key."""

    id: str
    material: bytes = field(repr=False)


def master_key() -> MasterKey:
    """The key of this installation.

    Raises:
        MasterKeyMissing: none is configured, or what is configured is no key.
    """
    text = env.text("IGSITE_MASTER_KEY")
    if text:
        return _parsed(text, "IGSITE_MASTER_KEY")
    if env.flag("IGSITE_MASTER_KEY_KEYRING"):
        return _parsed(_from_keyring(), "The key in the operating system's store")
    return _parsed(_from_file(settings.MASTER_KEY_FILE), f"The file {settings.MASTER_KEY_FILE}")


def new_key_text() -> str:
    """A fresh key as it is written in the environment or the file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _parsed(text: str, where: str) -> MasterKey:
    try:
        material = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        material = b""
    if len(material) != KEY_BYTES:
        raise MasterKeyMissing(f"{where} is not a master key: 32 bytes in base64 are expected.")
    return MasterKey(id=hashlib.sha256(b"igsite master key id" + material).hexdigest()[:16], material=material)


def _from_keyring() -> str:
    import keyring  # takes 0.1 s to find its back end: only installations that use it pay
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password("igsite", "master-key")
    except KeyringError as failure:
        raise MasterKeyMissing("The operating system's key store could not be opened. Unlock it.") from failure
    if not text:
        raise MasterKeyMissing(
            "The operating system's key store holds no master key. Store one: `keyring set igsite master-key`."
        )
    return text


def _from_file(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        if settings.PRODUCTION:
            raise MasterKeyMissing(
                "No master key: set IGSITE_MASTER_KEY (`manage.py generate_env` makes one), IGSITE_MASTER_KEY_FILE,"
                " or IGSITE_MASTER_KEY_KEYRING=1."
            ) from None
    except OSError as failure:
        raise MasterKeyMissing(f"The master key's file {file} cannot be read. Check its owner and mode.") from failure
    return _made(file)


def _made(file: Path) -> str:
    """Makes the file, complete or not at all: whoever comes second reads the first one's key."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".master_key")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(new_key_text())
            handle.flush()
            os.fsync(handle.fileno())
        Path(name).chmod(0o600)
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
    return file.read_text().strip()
