"""New keys for the vault: nothing stops opening, what was interrupted goes on, nothing needed is thrown away."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts import key_rotation, login_secrets, vault
from accounts.key_rotation import GRACE
from accounts.master_key import master_keys, new_key_text, new_master_key, store
from accounts.models import DataKey, InstagramLogin, Workspace
from igsite.secrets import Secret
from tests.people import make_user

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def key_file(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("IGSITE_MASTER_KEY", raising=False)
    file = settings.MASTER_KEY_FILE = tmp_path / "master_key"
    return file


def quiet(_line: str) -> None:
    """Nobody reads it."""


def login_with_secret(workspace: Workspace, name: str = "ada") -> InstagramLogin:
    login = InstagramLogin.objects.create(workspace=workspace, username=name)
    login.session_sealed = login_secrets.sealed_json(login, "session_sealed", {"of": name})
    login.totp_sealed = login_secrets.sealed(login, "totp_sealed", Secret(f"seed of {name}"))
    login.save()
    return login


def opens(login: InstagramLogin) -> bool:
    login.refresh_from_db()
    seed = login_secrets.opened(login, "totp_sealed")
    return (
        login_secrets.opened_json(login, "session_sealed") == {"of": login.username}
        and seed is not None
        and seed.reveal() == f"seed of {login.username}"
    )


def age_keys(by: timedelta = 2 * GRACE) -> None:
    for key in DataKey.objects.all():
        DataKey.objects.filter(pk=key.pk).update(created_at=key.created_at - by)


def test_another_master_key_wraps_everything_and_the_old_one_is_kept_apart(
    workspace: Workspace, key_file: Path
) -> None:
    login = login_with_secret(workspace)
    vault.seal(key_rotation.FACTOR, 1, None, Secret("seed"))
    (before,) = master_keys()
    call_command("rotate_keys", "master")
    (after,) = master_keys()
    assert after.id != before.id
    assert opens(login)
    assert set(DataKey.objects.values_list("master_key_id", flat=True)) == {after.id}
    kept = key_file.with_name(f"master_key.retired-{before.id}")
    assert kept.read_text().strip() == before.text
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_change_of_the_master_key_that_was_killed_half_way_goes_on(workspace: Workspace) -> None:
    first = login_with_secret(workspace)
    second = login_with_secret(Workspace.objects.create(name="Other"), "grace")
    (before,) = master_keys()
    fresh = new_master_key()
    store((fresh, before))  # the new key stands in the file, one data key is wrapped by it, then: killed
    key_rotation._wrap_again(DataKey.objects.get(workspace=workspace).pk, fresh, quiet)
    assert opens(first)
    assert opens(second)
    assert key_rotation.rotate_master(quiet)
    assert [key.id for key in master_keys()] == [fresh.id]
    assert opens(first)
    assert opens(second)


def test_the_old_master_key_stays_while_something_needs_it(workspace: Workspace) -> None:
    login = login_with_secret(workspace)
    other = Workspace.objects.create(name="Other")
    login_with_secret(other, "grace")
    damaged = DataKey.objects.get(workspace=other)
    DataKey.objects.filter(pk=damaged.pk).update(wrapped=b"\0" * 60)
    with pytest.raises(CommandError, match="stays"):
        call_command("rotate_keys", "master")
    assert len(master_keys()) == 2
    assert opens(login)
    DataKey.objects.filter(pk=damaged.pk).update(wrapped=damaged.wrapped)  # out of a backup
    call_command("rotate_keys", "master")
    assert len(master_keys()) == 1


def test_a_master_key_from_the_environment_is_changed_by_whoever_set_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = new_key_text(), new_key_text()
    monkeypatch.setenv("IGSITE_MASTER_KEY", old)
    login = login_with_secret(workspace)
    with pytest.raises(CommandError, match="with a comma"):
        call_command("rotate_keys", "master")
    monkeypatch.setenv("IGSITE_MASTER_KEY", f"{new},{old}")
    call_command("rotate_keys", "master")
    monkeypatch.setenv("IGSITE_MASTER_KEY", new)
    assert opens(login)


def test_data_keys_are_changed_and_the_old_ones_go_when_nothing_can_need_them(workspace: Workspace) -> None:
    logins = [login_with_secret(workspace, f"name{number}") for number in range(3)]
    old = DataKey.objects.get(workspace=workspace).pk
    before = bytes(logins[0].session_sealed or b"")
    age_keys()
    call_command("rotate_keys", "data")
    assert all(opens(login) for login in logins)
    logins[0].refresh_from_db()
    assert vault.key_id_of(logins[0].session_sealed or b"") != old
    # A process may have fetched the old key just before: what it stores opens, and is sealed again by night.
    InstagramLogin.objects.filter(pk=logins[0].pk).update(session_sealed=before)
    assert opens(logins[0])
    key_rotation.tidy(timezone.now())
    assert DataKey.objects.filter(pk=old).exists()
    age_keys()
    key_rotation.tidy(timezone.now())
    assert not DataKey.objects.filter(pk=old).exists()
    assert all(opens(login) for login in logins)


def test_a_second_start_goes_on_and_makes_no_further_keys(workspace: Workspace) -> None:
    login = login_with_secret(workspace)
    sealed_before = bytes(login.session_sealed or b"")
    age_keys()
    call_command("rotate_keys", "data")
    InstagramLogin.objects.filter(pk=login.pk).update(session_sealed=sealed_before)  # killed before this row
    keys = DataKey.objects.count()
    call_command("rotate_keys", "data")
    assert DataKey.objects.count() == keys
    login.refresh_from_db()
    assert bytes(login.session_sealed or b"") != sealed_before
    assert opens(login)


def test_a_secret_that_does_not_open_is_named_and_keeps_nobody_else(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, well = login_with_secret(workspace, "broken"), login_with_secret(workspace, "well")
    damaged = bytes(broken.session_sealed or b"")[:-1] + b"\0"
    InstagramLogin.objects.filter(pk=broken.pk).update(session_sealed=damaged)
    old = DataKey.objects.get(workspace=workspace).pk
    age_keys()
    with pytest.raises(CommandError):
        call_command("rotate_keys", "data")
    assert str(broken.pk) in capsys.readouterr().out
    assert opens(well)
    broken.refresh_from_db()
    assert bytes(broken.session_sealed or b"") == damaged
    age_keys()
    key_rotation.tidy(timezone.now())
    assert DataKey.objects.filter(pk=old).exists()  # something still refers to it


def test_second_factors_are_sealed_again_for_their_person(db: None) -> None:
    user = make_user("ada")
    sealed = base64.b64encode(vault.seal(key_rotation.FACTOR, str(user.pk), None, Secret("the seed"))).decode()
    row = Authenticator.objects.create(user=user, type="totp", data={"secret": sealed, "plain": "text"})
    age_keys()
    call_command("rotate_keys", "data")
    row.refresh_from_db()
    assert row.data["secret"] != sealed
    assert row.data["plain"] == "text"
    opened = vault.open_sealed(key_rotation.FACTOR, str(user.pk), None, base64.b64decode(row.data["secret"]))
    assert opened.reveal() == "the seed"
    age_keys()
    key_rotation.tidy(timezone.now())
    assert DataKey.objects.filter(workspace=None).count() == 1


def test_a_value_written_meanwhile_is_not_overwritten(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    login = login_with_secret(workspace)
    age_keys()
    whole = vault.open_sealed
    written: list[bytes] = []

    def somebody_writes_in_between(*given: object) -> Secret:
        found = whole(*given)  # type: ignore[arg-type]
        if not written and given[0] == "accounts_instagramlogin.session_sealed":
            written.append(login_secrets.sealed_json(login, "session_sealed", {"of": "somebody else"}))
            InstagramLogin.objects.filter(pk=login.pk).update(session_sealed=written[0])
        return found

    monkeypatch.setattr(vault, "open_sealed", somebody_writes_in_between)
    call_command("rotate_keys", "data")
    monkeypatch.undo()
    login.refresh_from_db()
    assert login_secrets.opened_json(login, "session_sealed") == {"of": "somebody else"}


def test_rotation_finds_every_place_that_is_sealed_anywhere() -> None:
    """A column that is sealed but not named so would be lost with its old key."""
    found = {column.place for column in key_rotation.sealed_columns()} | {key_rotation.FACTOR}
    named = {
        place
        for app in ("igsite", "accounts", "scans", "monitoring", "automation")
        for file in (ROOT / app).rglob("*.py")
        if file.name not in {"ciphers.py", "data_keys.py", "vault_lock.py"}
        for place in re.findall(r'f?"([a-z]+_[a-z]+\.[a-z_{}]+)"', file.read_text(encoding="utf-8"))
        if place.endswith("_sealed") or place.startswith("mfa_")
    }
    assert named
    assert {place for place in named if "{" not in place} <= found
    assert {f"accounts_instagramlogin.{column}" for column in login_secrets.COLUMNS} <= found
