"""The passphrase: who may, what waits, what goes on, and what a wrong one meets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from accounts import data_keys, key_sources, vault, vault_lock
from accounts.master_key import new_key_text
from accounts.models import DataKey, User, VaultLock, Workspace
from accounts.passphrase import LEAST, Cost, cost_for_this_machine, key_from
from igsite import key_keeper
from igsite.jobs import runner
from igsite.jobs.housekeeping import tick_the_minute
from igsite.jobs.kinds import Done, Kind, Outcome, register
from igsite.jobs.models import Job, JobState
from igsite.jobs.run import Run
from igsite.key_keeper import Keeper
from igsite.models import AuditEntry
from igsite.problems import Conflict, NotAllowed, TooMany
from igsite.secrets import Secret
from tests.accounts.locked_vault import NOW, OTHER, WORDS, Clock, keeper, keeper_clock, put_behind, restart
from tests.people import make_user

__all__ = ["keeper", "keeper_clock"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not key_keeper.POSSIBLE, reason="this system has no Unix sockets"),
]
PLACE = "accounts_instagramlogin.session_sealed"


@pytest.fixture(autouse=True)
def _kept(keeper: Keeper) -> None:
    """Somebody keeps the key in each of these tests."""


@pytest.fixture
def staff(db: None) -> User:
    return make_user("root", is_staff=True)


def sealed_in(workspace: Workspace) -> bytes:
    return vault.seal(PLACE, 1, workspace.pk, Secret("a session"))


def opens(workspace: Workspace, sealed: bytes) -> bool:
    return vault.open_sealed(PLACE, 1, workspace.pk, sealed).reveal() == "a session"


def acts() -> set[str]:
    return set(AuditEntry.objects.values_list("action", flat=True))


def test_with_a_passphrase_the_site_starts_locked_and_one_unlock_opens_it(
    workspace: Workspace, keeper: Keeper, staff: User
) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS, staff)
    assert opens(workspace, sealed)  # whoever set it has typed it just now
    restart(keeper)
    assert vault_lock.state(NOW).is_locked
    with pytest.raises(vault.VaultLocked):
        opens(workspace, sealed)
    with pytest.raises(vault.VaultLocked):
        sealed_in(workspace)
    with pytest.raises(vault.VaultLocked):
        sealed_in(Workspace.objects.create(name="made while it was locked"))
    vault_lock.unlock(passphrase=WORDS, lock_after=None, by=staff, now=NOW)
    assert opens(workspace, sealed)
    assert acts() == {"vault.passphrase_set", "vault.unlocked"}


def test_second_factors_open_while_the_vault_is_locked(keeper: Keeper) -> None:
    """Or nobody could sign in to unlock it."""
    seed = vault.seal("mfa_authenticator.data", 7, None, Secret("seed"))
    put_behind(WORDS)
    restart(keeper)
    assert vault.open_sealed("mfa_authenticator.data", 7, None, seed).reveal() == "seed"


def test_it_locks_again_after_the_chosen_time_and_never_when_that_was_chosen(
    workspace: Workspace, keeper: Keeper, keeper_clock: Clock
) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS)
    keeper_clock.time += 10_000_000
    assert opens(workspace, sealed)
    vault_lock.lock(by=None, now=NOW)
    vault_lock.unlock(passphrase=WORDS, lock_after=15, by=None, now=NOW)
    assert vault_lock.state(NOW).locks_at == NOW + timedelta(minutes=15)
    keeper_clock.time += 15 * 60 - 1
    assert opens(workspace, sealed)
    keeper_clock.time += 1
    with pytest.raises(vault.VaultLocked):
        opens(workspace, sealed)


def test_neither_passphrase_nor_its_key_lies_in_the_database_or_the_state_folder(
    workspace: Workspace, tmp_path: Path
) -> None:
    sealed_in(workspace)
    put_behind(WORDS)
    found = VaultLock.objects.get()
    key = key_keeper.held_key(found.key_id)
    assert key is not None
    stored = [bytes(found.wrapped), bytes(found.salt), *(bytes(one.wrapped) for one in DataKey.objects.all())]
    stored += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    for secret in (key, WORDS.reveal().encode(), key_from(WORDS, bytes(found.salt), Cost(1, 64, 1))):
        assert not [text for text in stored if secret in text]


def test_what_began_with_the_key_in_its_hands_is_finished_after_a_lock(workspace: Workspace) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS)
    with vault.kept():
        assert opens(workspace, sealed)
        vault_lock.lock(by=None, now=NOW)
        after = sealed_in(workspace)
    with pytest.raises(vault.VaultLocked):
        opens(workspace, after)


def test_a_wrong_passphrase_is_named_audited_and_opens_nothing(
    workspace: Workspace, keeper: Keeper, staff: User
) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS, staff)
    restart(keeper)
    with pytest.raises(vault_lock.WrongPassphrase, match="does not open"):
        vault_lock.unlock(passphrase=OTHER, lock_after=None, by=staff, now=NOW)
    with pytest.raises(vault.VaultLocked):
        opens(workspace, sealed)
    assert AuditEntry.objects.get(action="vault.passphrase_refused").who == staff


def test_wrong_passphrases_have_to_wait_longer_and_longer_and_the_right_one_too(keeper: Keeper) -> None:
    put_behind(WORDS)
    restart(keeper)
    now, pauses = NOW, []
    for _ in range(16):
        try:
            vault_lock.unlock(passphrase=OTHER, lock_after=None, by=None, now=now)
        except vault_lock.WrongPassphrase:
            continue
        except TooMany as wait:
            pauses.append(wait.retry_after)
            now += timedelta(seconds=wait.retry_after)
    assert pauses[:5] == [30, 60, 120, 240, 480]
    with pytest.raises(TooMany):
        vault_lock.unlock(passphrase=WORDS, lock_after=None, by=None, now=now - timedelta(seconds=5))
    vault_lock.unlock(passphrase=WORDS, lock_after=None, by=None, now=now + timedelta(minutes=16))
    assert VaultLock.objects.get().refused == 0


def test_another_machine_key_is_not_called_a_wrong_passphrase(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    put_behind(WORDS)
    restart(keeper)
    monkeypatch.setenv("IGSITE_MASTER_KEY", new_key_text())
    with pytest.raises(vault.KeyUnavailable, match="another master key"):
        vault_lock.unlock(passphrase=WORDS, lock_after=None, by=None, now=NOW)


def test_costs_and_salt_cannot_be_swapped_for_weaker_ones(keeper: Keeper) -> None:
    put_behind(WORDS)
    VaultLock.objects.update(salt=b"0" * 16)
    with pytest.raises(vault.KeyUnavailable):
        vault_lock.unlock(passphrase=WORDS, lock_after=None, by=None, now=NOW)


def test_changing_it_leaves_the_old_one_and_its_key_worthless(workspace: Workspace, keeper: Keeper) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS)
    old_id = VaultLock.objects.get().key_id
    old_key = key_sources.key_named(old_id)
    restart(keeper)
    vault_lock.change_passphrase(old=WORDS, new=OTHER, by=None, now=NOW)
    assert opens(workspace, sealed)
    assert key_keeper.held_key(old_id) is None
    row = DataKey.objects.get(workspace=workspace)
    with pytest.raises(vault.DataKeyLost):
        data_keys.unwrap(row, old_key)
    restart(keeper)
    with pytest.raises(vault_lock.WrongPassphrase):
        vault_lock.unlock(passphrase=WORDS, lock_after=None, by=None, now=NOW)
    vault_lock.unlock(passphrase=OTHER, lock_after=None, by=None, now=NOW)
    assert opens(workspace, sealed)


def test_removing_it_opens_the_vault_for_good(workspace: Workspace, keeper: Keeper) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS)
    with pytest.raises(vault_lock.WrongPassphrase):
        vault_lock.remove_passphrase(old=OTHER, by=None, now=NOW)
    vault_lock.remove_passphrase(old=WORDS, by=None, now=NOW)
    restart(keeper)
    assert opens(workspace, sealed)
    assert not vault_lock.state(NOW).has_passphrase
    with pytest.raises(Conflict):
        vault_lock.lock(by=None, now=NOW)


def test_a_damaged_data_key_of_one_workspace_does_not_keep_the_others_from_a_passphrase(workspace: Workspace) -> None:
    sealed, other = sealed_in(workspace), Workspace.objects.create(name="Other")
    sealed_in(other)
    DataKey.objects.filter(workspace=other).update(wrapped=b"\0" * 60)
    put_behind(WORDS)
    assert opens(workspace, sealed)


@pytest.mark.parametrize("words", ["short", "passwordpassword"[:8], "x" * 1_001, "qwertyuiop"])
def test_a_passphrase_that_protects_nothing_is_refused(words: str) -> None:
    with pytest.raises(vault_lock.PassphraseRefused):
        put_behind(Secret(words))
    assert not VaultLock.objects.exists()


def test_the_same_characters_composed_differently_are_the_same_passphrase() -> None:
    cost, salt = Cost(1, 64, 1), b"s" * 16
    assert key_from(Secret("caf\u00e9 au lait"), salt, cost) == key_from(Secret("cafe\u0301 au lait"), salt, cost)


def test_a_try_never_costs_less_than_the_standard_asks() -> None:
    cost = cost_for_this_machine()
    assert cost.passes >= LEAST.passes
    assert cost.memory_kib == LEAST.memory_kib


def test_only_staff_may(workspace: Workspace, person: User) -> None:
    put_behind(WORDS)
    acts_of_staff: list[Callable[[], None]] = [
        lambda: vault_lock.lock(by=person, now=NOW),
        lambda: vault_lock.unlock(passphrase=WORDS, lock_after=None, by=person, now=NOW),
        lambda: vault_lock.set_passphrase(new=WORDS, lock_after=None, by=person, now=NOW),
        lambda: vault_lock.change_passphrase(old=WORDS, new=OTHER, by=person, now=NOW),
        lambda: vault_lock.remove_passphrase(old=WORDS, by=person, now=NOW),
    ]
    for act in acts_of_staff:
        with pytest.raises(NotAllowed):
            act()
    assert not vault_lock.state(NOW).is_locked


def test_without_a_keeper_nothing_is_put_behind_a_passphrase(keeper: Keeper, workspace: Workspace) -> None:
    sealed = sealed_in(workspace)
    keeper.stop()
    with pytest.raises(Conflict, match="keep_key"):
        put_behind(WORDS)
    assert opens(workspace, sealed)
    assert not VaultLock.objects.exists()


@register
class OpensASecret(Kind):
    """A step that needs the vault."""

    name = "test.opens_a_secret"
    label = "Opens a secret"

    def step(self, run: Run) -> Outcome:
        """Open it."""
        sealed = bytes.fromhex(run.params["sealed"])
        workspace_id = run.job.workspace_id
        return Done(f"{len(vault.open_sealed(PLACE, 1, workspace_id, sealed).reveal())} characters")


def test_jobs_wait_with_a_sentence_and_go_on_by_themselves(workspace: Workspace, keeper: Keeper, staff: User) -> None:
    job = runner.enqueue(OpensASecret.name, workspace=workspace, params={"sealed": sealed_in(workspace).hex()})
    put_behind(WORDS)
    restart(keeper)
    job = runner.run_inline(job)
    assert job.state == JobState.BLOCKED
    assert "vault is locked" in job.message
    assert job.next_url == "/settings/vault/"
    vault_lock.unlock(passphrase=WORDS, lock_after=None, by=staff, now=NOW)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    assert runner.run_inline(job).message == "9 characters"


def test_a_job_that_came_to_wait_in_the_moment_of_the_unlock_goes_on_within_a_minute(workspace: Workspace) -> None:
    put_behind(WORDS)
    job = Job.objects.create(
        workspace=workspace, kind=OpensASecret.name, state=JobState.BLOCKED, next_url="/settings/vault/"
    )
    tick_the_minute(NOW)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_passphrase_that_was_replaced_in_this_moment_changes_nothing_more(
    workspace: Workspace, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = sealed_in(workspace)
    put_behind(WORDS, staff)
    real = cost_for_this_machine

    def meanwhile() -> Cost:
        monkeypatch.setattr(vault_lock, "cost_for_this_machine", real)
        vault_lock.change_passphrase(old=WORDS, new=OTHER, by=staff, now=NOW)
        return real()

    monkeypatch.setattr(vault_lock, "cost_for_this_machine", meanwhile)
    with pytest.raises(vault_lock.VaultConflict):
        vault_lock.change_passphrase(old=WORDS, new=Secret("nine other words of mine"), by=staff, now=NOW)
    assert opens(workspace, sealed)
    vault_lock.remove_passphrase(old=OTHER, by=staff, now=NOW)
    assert opens(workspace, sealed)
