"""The master key in the operating system's key store, behind the interface of the keyring library."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from django.core.management import call_command
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyStore
from keyring.errors import KeyringLocked

from accounts import vault
from accounts.master_key import NAME, SERVICE, MasterKeyMissing, master_key, new_key_text
from accounts.models import DataKey, Workspace
from igsite import doctor
from igsite.secrets import Secret

pytestmark = pytest.mark.django_db
PLACE = "accounts_instagramlogin.session_sealed"


class KeyStore(KeyringBackend):
    """A key store in memory, as real to the library as the system's own."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.kept[service, username] = password

    def _look(self) -> None:
        if self.is_locked:
            raise KeyringLocked("the person has not signed in to the desktop")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyStore]:
    monkeypatch.delenv("IGSITE_MASTER_KEY", raising=False)
    monkeypatch.setenv("IGSITE_MASTER_KEY_KEYRING", "1")
    before, store = keyring.get_keyring(), KeyStore()
    keyring.set_keyring(store)
    yield store
    keyring.set_keyring(before)


def test_the_key_of_the_store_seals_and_opens(store: KeyStore, workspace: Workspace) -> None:
    keyring.set_password(SERVICE, NAME, new_key_text())
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush"))
    assert DataKey.objects.get(workspace=workspace).master_key_id == master_key().id
    assert vault.open_sealed(PLACE, 1, workspace.pk, sealed).reveal() == "hush"
    assert doctor.vault() == doctor.Finding(
        "vault", ok=True, sentence="open; the master key is from the system's key store"
    )


def test_an_empty_store_says_how_to_fill_it(store: KeyStore, workspace: Workspace) -> None:
    with pytest.raises(vault.KeyUnavailable, match="keyring set igsite master-key"):
        vault.seal(PLACE, 1, workspace.pk, Secret("hush"))
    assert doctor.vault().ok is False


def test_a_locked_store_says_so_and_opens_later(store: KeyStore, workspace: Workspace) -> None:
    keyring.set_password(SERVICE, NAME, new_key_text())
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush"))
    store.is_locked = True
    with pytest.raises(vault.KeyUnavailable, match="Unlock it"):
        vault.open_sealed(PLACE, 1, workspace.pk, sealed)
    store.is_locked = False
    assert vault.open_sealed(PLACE, 1, workspace.pk, sealed).reveal() == "hush"


def test_an_account_without_a_key_store_is_told_another_way(store: KeyStore) -> None:
    keyring.set_keyring(NoKeyStore())  # type: ignore[no-untyped-call]
    with pytest.raises(MasterKeyMissing, match="IGSITE_MASTER_KEY_FILE"):
        master_key()


def test_the_key_in_the_store_is_changed_and_the_old_one_kept_there(store: KeyStore, workspace: Workspace) -> None:
    keyring.set_password(SERVICE, NAME, new_key_text())
    sealed, old = vault.seal(PLACE, 1, workspace.pk, Secret("hush")), master_key()
    call_command("rotate_keys", "master")
    assert master_key().id != old.id
    assert vault.open_sealed(PLACE, 1, workspace.pk, sealed).reveal() == "hush"
    assert store.kept[SERVICE, f"{NAME}-retired-{old.id}"] == old.text


def test_the_doctor_names_a_foreign_master_key(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = new_key_text(), new_key_text()
    monkeypatch.setenv("IGSITE_MASTER_KEY", old)
    vault.seal(PLACE, 1, workspace.pk, Secret("hush"))
    monkeypatch.setenv("IGSITE_MASTER_KEY", new)
    finding = doctor.vault()
    assert finding.ok is False
    assert "another master key" in finding.sentence
    monkeypatch.setenv("IGSITE_MASTER_KEY", f"{new},{old}")
    assert doctor.vault().ok
