"""From the id of a master key to the key: this machine's own (:mod:`accounts.master_key`), or, with a passphrase, the
one that the keeper holds while the vault is unlocked (:mod:`igsite.key_keeper`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.utils.translation import gettext as _

from accounts.master_key import MasterKey, MasterKeyMissing, master_keys
from accounts.vault_errors import KeyUnavailable, VaultLocked
from igsite import key_keeper

#: The ids of keys behind a passphrase begin with this.
GUARDED: Final = "passphrase-"
_kept: ContextVar[dict[str, bytes] | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Within this a key that was there once stays: what began while the vault was open is finished after a lock.

    Only for short pieces of work, such as one phase of a sign-in, whose result would be lost otherwise.
    """
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def machine_key() -> MasterKey:
    """This machine's key, under which new keys are wrapped. Raises :class:`KeyUnavailable`."""
    return _machine_keys()[0]


def key_named(master_id: str) -> bytes:
    """The material of a master key.

    Raises:
        VaultLocked: it is behind the passphrase, and nobody has unlocked it.
        KeyUnavailable: this machine does not have it.
    """
    if master_id.startswith(GUARDED):
        return _unlocked(master_id)
    for key in _machine_keys():
        if key.id == master_id:
            return key.material
    raise KeyUnavailable(
        _("These secrets were sealed under another master key (%(id)s). Give back the key they were made with.")
        % {"id": master_id}
    )


def _machine_keys() -> tuple[MasterKey, ...]:
    try:
        return master_keys()
    except MasterKeyMissing as missing:
        raise KeyUnavailable(str(missing)) from missing


def _unlocked(master_id: str) -> bytes:
    kept_keys = _kept.get()
    if kept_keys is not None and master_id in kept_keys:
        return kept_keys[master_id]
    try:
        key = key_keeper.held_key(master_id)
    except key_keeper.KeeperAway:
        key = None
    if key is None:
        raise VaultLocked(_("The vault is locked. Whoever runs this site unlocks it; then this goes on."))
    if kept_keys is not None:
        kept_keys[master_id] = key
    return key
