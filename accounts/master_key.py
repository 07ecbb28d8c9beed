"""Where the master key comes from: the environment, the operating system's own store, or a file of this machine.

In this order: ``IGSITE_MASTER_KEY``; the store behind ``keyring`` (service ``igsite``, name ``master-key``) when
``IGSITE_MASTER_KEY_KEYRING`` is on; the file ``IGSITE_MASTER_KEY_FILE``. Demo and test mode make the file on first use;
production never makes a key by itself, since a key that nobody knows of is in no backup.

Each of these holds one key, or several with commas or line ends between them while the key is being changed
(``manage.py rotate_keys``): the first one wraps, the others only open.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from django.conf import settings

from igsite import environment as env

KEY_BYTES: Final = 32
SERVICE: Final = "igsite"
NAME: Final = "master-key"
Source = Literal["environment", "keyring", "file"]


class MasterKeyMissing(Exception):
    """There is no usable master key. The sentence says what to do."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """32 bytes, and a short id derived from them that says which key wrapped what without telling the key."""

    id: str
    material: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The key as it is written in the environment, the file or the store."""
        return base64.urlsafe_b64encode(self.material).decode()


def master_key() -> MasterKey:
    """The key of this installation: the first of :func:`master_keys`, with the same error."""
    return master_keys()[0]


def master_keys() -> tuple[MasterKey, ...]:
    """All keys of this installation, the one that wraps first; never empty.

    Raises:
        MasterKeyMissing: none is configured, or what is configured is no key.
    """
    source = key_source()
    if source == "environment":
        return _all_parsed(env.text("IGSITE_MASTER_KEY"), "IGSITE_MASTER_KEY")
    if source == "keyring":
        return _all_parsed(_from_keyring(), "The key in the operating system's store")
    return _all_parsed(_from_file(settings.MASTER_KEY_FILE), f"The file {settings.MASTER_KEY_FILE}")


def key_source() -> Source:
    """Where the keys come from."""
    if env.text("IGSITE_MASTER_KEY"):
        return "environment"
    return "keyring" if env.flag("IGSITE_MASTER_KEY_KEYRING") else "file"


def store(keys: Sequence[MasterKey]) -> None:
    """Write keys, the one that wraps first, to where they come from, in one step that is seen whole or not at all.

    Raises:
        MasterKeyMissing: they come from the environment, which only the operator changes, or the store refuses.
    """
    text = "\n".join(key.text for key in keys)
    match key_source():
        case "file":
            _write(settings.MASTER_KEY_FILE, text, lambda made, file: made.replace(file))
        case "keyring":
            _into_keyring(text)
        case _:
            raise MasterKeyMissing("The keys in IGSITE_MASTER_KEY are changed by whoever set them there.")


def retire(keys: Sequence[MasterKey]) -> str:
    """Put keys that open nothing here any more beside the present one, for old backups. Where they are now."""
    text, name = "\n".join(key.text for key in keys), f"retired-{keys[0].id}"
    if key_source() == "keyring":
        _into_keyring(text, f"{NAME}-{name}")
        return f"the key store ({NAME}-{name})"
    file = settings.MASTER_KEY_FILE.with_name(f"{settings.MASTER_KEY_FILE.name}.{name}")
    _write(file, text, lambda made, kept: made.replace(kept))
    return str(file)


def new_master_key() -> MasterKey:
    """A fresh key."""
    return _parsed(new_key_text(), "A fresh key")


def new_key_text() -> str:
    """A fresh key as it is written in the environment or the file."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _all_parsed(text: str, where: str) -> tuple[MasterKey, ...]:
    return tuple(_parsed(one, where) for one in text.replace(",", " ").split()) or (_parsed("", where),)


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
        text = keyring.get_password(SERVICE, NAME)
    except KeyringError as failure:
        raise _shut(failure) from failure
    if not text:
        raise MasterKeyMissing(
            "The operating system's key store holds no master key. Store one: `keyring set igsite master-key`."
        )
    return text


def _shut(failure: Exception) -> MasterKeyMissing:
    from keyring.errors import NoKeyringError

    if isinstance(failure, NoKeyringError):
        return MasterKeyMissing("This account has no key store of the operating system. Use IGSITE_MASTER_KEY_FILE.")
    return MasterKeyMissing("The operating system's key store could not be opened. Unlock it.")


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


def _into_keyring(text: str, name: str = NAME) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, text)
    except KeyringError as failure:
        raise _shut(failure) from failure


def _made(file: Path) -> str:
    """Makes the file: whoever comes second reads the first one's key."""

    def link(made: Path, file: Path) -> None:
        with contextlib.suppress(FileExistsError):
            os.link(made, file)

    _write(file, new_key_text(), link)
    return file.read_text().strip()


def _write(file: Path, text: str, into_place: Callable[[Path, Path], object]) -> None:
    """``text`` beside ``file``, complete and on the disk, then put into its place."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".master_key")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        into_place(Path(name), file)
        _sync(file.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """A name in a folder is safe once the folder is on the disk. Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
