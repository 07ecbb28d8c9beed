"""What the vault promises: what is sealed opens in its own place only, and every damage has a sentence."""

from __future__ import annotations

import os
import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts import vault
from accounts.master_key import MasterKeyMissing, master_key, new_key_text
from accounts.models import DataKey, Workspace
from igsite.secrets import Secret

pytestmark = pytest.mark.django_db
PLACE = "accounts_instagramlogin.session_sealed"


@pytest.fixture(autouse=True)
def _own_master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGSITE_MASTER_KEY", new_key_text())


def env_key() -> str:
    return os.environ["IGSITE_MASTER_KEY"]


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(), row=st.uuids())
def test_what_is_sealed_opens_again(workspace: Workspace, text: str, row: uuid.UUID) -> None:
    sealed = vault.seal(PLACE, row, workspace.pk, Secret(text))
    assert vault.open_sealed(PLACE, row, workspace.pk, sealed).reveal() == text


def test_sealed_bytes_do_not_contain_the_secret_and_never_repeat(workspace: Workspace) -> None:
    first, second = (vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush")) for _ in range(2))
    assert first != second
    assert b"hush" not in first


def test_each_flipped_byte_is_noticed(workspace: Workspace) -> None:
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    for position in range(len(sealed)):
        damaged = sealed[:position] + bytes([sealed[position] ^ 1]) + sealed[position + 1 :]
        with pytest.raises(vault.VaultError) as caught:
            vault.open_sealed(PLACE, 1, workspace.pk, damaged)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 20, 36])
def test_cut_bytes_are_noticed(workspace: Workspace, length: int) -> None:
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    with pytest.raises(vault.Unreadable):
        vault.open_sealed(PLACE, 1, workspace.pk, sealed[:length])


def test_ciphertext_opens_in_no_other_row_column_or_workspace(workspace: Workspace) -> None:
    other = Workspace.objects.create(name="Other")
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    vault.seal(PLACE, 1, other.pk, Secret("other"))
    for place, row, owner in (
        (PLACE, 2, workspace.pk),
        ("accounts_instagramlogin.totp_sealed", 1, workspace.pk),
        (PLACE, 1, other.pk),
        (PLACE, 1, None),
    ):
        with pytest.raises(vault.VaultError):
            vault.open_sealed(place, row, owner, sealed)


def test_a_data_key_that_was_moved_to_another_workspace_opens_nothing(workspace: Workspace) -> None:
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    other = Workspace.objects.create(name="Other")
    DataKey.objects.filter(workspace=workspace).update(workspace=other)
    with pytest.raises(vault.VaultError):
        vault.open_sealed(PLACE, 1, other.pk, sealed)


def test_another_master_key_is_named_as_the_cause(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    before = DataKey.objects.get(workspace=workspace).wrapped
    monkeypatch.setenv("IGSITE_MASTER_KEY", new_key_text())
    with pytest.raises(vault.KeyUnavailable, match="another master key"):
        vault.open_sealed(PLACE, 1, workspace.pk, sealed)
    with pytest.raises(vault.KeyUnavailable):  # and nothing new is sealed under a key that opens nothing else
        vault.seal(PLACE, 1, workspace.pk, Secret("new"))
    assert bytes(DataKey.objects.get(workspace=workspace).wrapped) == bytes(before)


def test_a_lost_data_key_is_named_as_the_cause(workspace: Workspace) -> None:
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("hush-hush"))
    DataKey.objects.filter(workspace=workspace).delete()
    with pytest.raises(vault.DataKeyLost, match="missing"):
        vault.open_sealed(PLACE, 1, workspace.pk, sealed)


def test_after_a_damaged_data_key_new_secrets_are_sealed_all_the_same(workspace: Workspace) -> None:
    lost = vault.seal(PLACE, 1, workspace.pk, Secret("lost"))
    DataKey.objects.filter(workspace=workspace).update(wrapped=b"\0" * 60)
    with pytest.raises(vault.DataKeyLost, match="damaged"):
        vault.open_sealed(PLACE, 1, workspace.pk, lost)
    fresh = vault.seal(PLACE, 1, workspace.pk, Secret("fresh"))
    assert vault.open_sealed(PLACE, 1, workspace.pk, fresh).reveal() == "fresh"
    assert DataKey.objects.filter(workspace=workspace).count() == 2  # the damaged one may yet come back from a backup


def test_several_keys_open_and_the_first_one_seals(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = env_key(), new_key_text()
    sealed = vault.seal(PLACE, 1, workspace.pk, Secret("before"))
    monkeypatch.setenv("IGSITE_MASTER_KEY", f"{new},\n{old}")
    assert vault.open_sealed(PLACE, 1, workspace.pk, sealed).reveal() == "before"
    other = Workspace.objects.create(name="Other")
    vault.seal(PLACE, 1, other.pk, Secret("after"))
    assert DataKey.objects.get(workspace=other).master_key_id == master_key().id
    assert DataKey.objects.get(workspace=workspace).master_key_id != master_key().id


def test_a_workspace_keeps_one_key_and_the_site_has_its_own(workspace: Workspace) -> None:
    for _ in range(3):
        vault.seal(PLACE, 1, workspace.pk, Secret("a"))
        sealed = vault.seal("mfa_authenticator.data", 7, None, Secret("b"))
    assert DataKey.objects.count() == 2
    assert vault.open_sealed("mfa_authenticator.data", 7, None, sealed).reveal() == "b"


def test_production_makes_no_key_by_itself(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    monkeypatch.delenv("IGSITE_MASTER_KEY")
    settings.PRODUCTION, settings.MASTER_KEY_FILE = True, tmp_path / "master_key"
    with pytest.raises(vault.KeyUnavailable, match="IGSITE_MASTER_KEY"):
        vault.seal(PLACE, 1, workspace.pk, Secret("x"))
    assert not list(tmp_path.iterdir())


def test_demo_makes_its_key_once_readable_by_its_owner_only(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IGSITE_MASTER_KEY")
    settings.MASTER_KEY_FILE = tmp_path / "state" / "master_key"
    first = master_key()
    assert master_key() == first
    assert settings.MASTER_KEY_FILE.stat().st_mode & 0o777 == 0o600
    assert first.id not in settings.MASTER_KEY_FILE.read_text()
    assert "material" not in repr(first)


@pytest.mark.parametrize("text", ["short", "ä" * 43, "A" * 44])
def test_what_is_no_key_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("IGSITE_MASTER_KEY", text)
    with pytest.raises(MasterKeyMissing, match="32 bytes"):
        master_key()


@pytest.mark.django_db(transaction=True)
def test_processes_that_seal_for_the_first_time_at_once_share_one_key() -> None:
    workspace = Workspace.objects.create(name="Studio")
    sealed: dict[int, bytes] = {}
    gate = threading.Barrier(4)

    def work(number: int) -> None:
        try:
            gate.wait()
            sealed[number] = vault.seal(PLACE, number, workspace.pk, Secret(str(number)))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert DataKey.objects.filter(workspace=workspace).count() == 1
    for number, box in sealed.items():
        assert vault.open_sealed(PLACE, number, workspace.pk, box).reveal() == str(number)
    assert len(sealed) == 4
