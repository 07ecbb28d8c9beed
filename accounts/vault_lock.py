"""The passphrase of the vault: set, changed, removed; unlock and lock. The site's staff does these (decision 0011).

With a passphrase the workspaces' data keys are wrapped by a key that lies in the database, wrapped twice: by what the
passphrase gives, and by this machine's key, so that a stolen database alone cannot even be guessed at. Unlocked means:
the keeper of this site (:mod:`igsite.key_keeper`) holds that key in memory.
"""

from __future__ import annotations

import contextlib
import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import data_keys, key_sources
from accounts.ciphers import Damaged, boxed, new_key, unboxed
from accounts.models import DataKey, User, VaultLock
from accounts.passphrase import LONGEST, SHORTEST, Cost, cost_for_this_machine, key_from, new_salt
from accounts.vault_errors import KeyUnavailable, VaultError
from igsite import key_keeper
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job, JobState
from igsite.problems import Conflict, Invalid, NotAllowed, TooMany
from igsite.secrets import Secret

logger = logging.getLogger(__name__)
#: Minutes after which it locks again by itself; None: never. The person who unlocks chooses.
LOCK_AFTER: Final = (15, 60, 4 * 60, 12 * 60, 24 * 60, None)
FREE_TRIES: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)


class WrongPassphrase(Invalid):
    """It does not open the vault."""

    code = "wrong_passphrase"


class PassphraseRefused(Invalid):
    """It is too easy to guess to protect anything."""


class VaultConflict(Conflict):
    """There is no passphrase, or nobody to keep its key."""

    code = "vault_conflict"


@dataclass(frozen=True, slots=True)
class State:
    """Whether there is a passphrase, whether it waits for it, and when it locks by itself (None: never, or locked)."""

    has_passphrase: bool
    is_locked: bool
    locks_at: datetime | None = None
    lock_after: int | None = None


def state(now: datetime) -> State:
    """How the vault stands. One short query; with a passphrase one question to the keeper."""
    found = VaultLock.objects.first()
    if found is None:
        return State(has_passphrase=False, is_locked=False)
    try:
        held = key_keeper.held()
    except key_keeper.KeeperAway:
        held = key_keeper.Held(frozenset(), None)
    if found.key_id not in held.names:
        return State(has_passphrase=True, is_locked=True, lock_after=found.lock_after)
    left = held.seconds_left
    until = None if left is None else now + timedelta(seconds=left)
    return State(has_passphrase=True, is_locked=False, locks_at=until, lock_after=found.lock_after)


def unlock(*, passphrase: Secret, lock_after: int | None, by: User | None, now: datetime) -> None:
    """Open the vault for all processes of this site, for ``lock_after`` minutes or, with None, until it is locked.

    Jobs that wait for it go on at once.

    Raises:
        NotAllowed: not by the site's staff.
        WrongPassphrase: it does not open it. Noted in the audit log.
        TooMany: too many wrong ones; the next try has to wait.
        KeyUnavailable: this machine's key is missing or another one.
        VaultConflict: there is no passphrase, or no process keeps keys.
    """
    _by_staff(by)
    found = _counted_try(now)
    _hold(found.key_id, _opened(found, passphrase, by=by, now=now), lock_after)
    with transaction.atomic():
        VaultLock.objects.update(refused=0, next_try_at=None, lock_after=lock_after)
        record(by, "vault.unlocked", "vault", now=now, details={"minutes": lock_after})
    wake_waiting()


def lock(*, by: User | None, now: datetime) -> None:
    """Lock it now. What has begun with a secret in its hands is finished; nothing else opens any."""
    _by_staff(by)
    if not VaultLock.objects.exists():
        raise VaultConflict(_("The vault has no passphrase, so it cannot be locked. Set one first."))
    with contextlib.suppress(key_keeper.KeeperAway):  # then nobody holds it
        key_keeper.forget()
    record(by, "vault.locked", "vault", now=now)


def set_passphrase(*, new: Secret, lock_after: int | None, by: User | None, now: datetime) -> None:
    """Put the vault behind a passphrase. It stays unlocked for ``lock_after`` minutes. Raises as :func:`unlock`."""
    _by_staff(by)
    _check_strength(new)
    cost = cost_for_this_machine()
    with transaction.atomic():
        data_keys.own_wrapping()
        if VaultLock.objects.exists():
            raise VaultConflict(_("The vault has a passphrase already. Change that one."))
        key = new_key()
        _behind(new, key, cost, lock_after)
        record(by, "vault.passphrase_set", "vault", now=now)


def change_passphrase(*, old: Secret, new: Secret, by: User | None, now: datetime) -> None:
    """Another passphrase, and another key behind it: who knew the old one opens nothing of what is sealed from now on.

    Raises as :func:`unlock`.
    """
    _by_staff(by)
    _check_strength(new)
    before = _counted_try(now)
    old_key = _opened(before, old, by=by, now=now)
    _hold(before.key_id, old_key, before.lock_after)  # the rows are read with it until the last one is written
    cost = cost_for_this_machine()
    with transaction.atomic():
        data_keys.own_wrapping()
        _must_be_the_one(before)
        before.delete()
        _behind(new, new_key(), cost, before.lock_after)
        record(by, "vault.passphrase_changed", "vault", now=now)
    key_keeper.forget([before.key_id])
    wake_waiting()


def remove_passphrase(*, old: Secret, by: User | None, now: datetime) -> None:
    """No passphrase any more: this machine's key alone opens the vault. Raises as :func:`unlock`."""
    _by_staff(by)
    before = _counted_try(now)
    old_key = _opened(before, old, by=by, now=now)
    _hold(before.key_id, old_key, before.lock_after)
    with transaction.atomic():
        data_keys.own_wrapping()
        _must_be_the_one(before)
        machine = key_sources.machine_key()
        rewrap_workspaces(machine.id, machine.material)
        before.delete()
        record(by, "vault.passphrase_removed", "vault", now=now)
    key_keeper.forget()
    wake_waiting()


def wake_waiting() -> None:
    """Let the jobs go on that wait for the vault."""
    waiting = Job.objects.filter(state=JobState.BLOCKED, next_url=reverse("settings:vault"))
    for job in waiting.iterator():
        runner.resume(job)


def wake_if_open(now: datetime) -> None:
    """For a job that came to wait in the moment of the unlock."""
    if not state(now).is_locked:
        wake_waiting()


def rewrap_workspaces(master_id: str, master: bytes) -> None:
    """Wrap every workspace's data keys under another master key. Own the wrapping, and have the vault unlocked.

    A key that does not open stays as it is: it opened nothing before, and may do so with a key that is found again.
    """
    with key_sources.kept():
        for key in DataKey.objects.exclude(workspace=None).select_for_update().order_by("pk"):
            try:
                material = data_keys.unwrap(key, key_sources.key_named(key.master_key_id))
            except VaultError as error:
                logger.warning("data key %s stays as it is: %s", key.pk, error)
            else:
                data_keys.wrap(key, material, master_id, master)


def _behind(passphrase: Secret, key: bytes, cost: Cost, lock_after: int | None) -> None:
    """Store ``key`` behind ``passphrase``, hand it to the keeper, and wrap the workspaces' data keys under it."""
    machine, salt = key_sources.machine_key(), new_salt()
    made = VaultLock(
        key_id=key_sources.GUARDED + new_key()[:8].hex(),
        machine_key_id=machine.id,
        salt=salt,
        time_cost=cost.passes,
        memory_kib=cost.memory_kib,
        lanes=cost.lanes,
        lock_after=lock_after,
    )
    inner = boxed(key_from(passphrase, salt, cost), key, _bound(made, "passphrase"))
    made.wrapped = boxed(machine.material, inner, _bound(made, machine.id))
    made.save(force_insert=True)
    _hold(made.key_id, key, lock_after)
    rewrap_workspaces(made.key_id, key)


def rewrap_behind_passphrase(found: VaultLock, master_id: str, master: bytes) -> None:
    """The outer wrapping under another key of this machine; needs no passphrase. Own the wrapping."""
    inner = _outer_opened(found)
    found.machine_key_id = master_id
    found.wrapped = boxed(master, inner, _bound(found, master_id))
    found.save(update_fields=["machine_key_id", "wrapped"])


def _outer_opened(found: VaultLock) -> bytes:
    machine = key_sources.key_named(found.machine_key_id)
    try:
        return unboxed(machine, bytes(found.wrapped), _bound(found, found.machine_key_id))
    except Damaged:
        raise KeyUnavailable(_("What the passphrase opens is damaged. Restore it from a backup.")) from None


def _opened(found: VaultLock, passphrase: Secret, *, by: User | None, now: datetime) -> bytes:
    inner = _outer_opened(found)
    cost = Cost(found.time_cost, found.memory_kib, found.lanes)
    try:
        return unboxed(key_from(passphrase, bytes(found.salt), cost), inner, _bound(found, "passphrase"))
    except Damaged:
        record(by, "vault.passphrase_refused", "vault", now=now)
        sentence = _("This passphrase does not open the vault.")
        raise WrongPassphrase(sentence, fields={"passphrase": [sentence]}) from None


def _bound(found: VaultLock, wrapper: str) -> bytes:
    cost = f"{bytes(found.salt).hex()}|{found.time_cost}|{found.memory_kib}|{found.lanes}"
    return f"accounts_vaultlock.wrapped|{found.key_id}|{cost}|{wrapper}".encode()


def _must_be_the_one(checked: VaultLock) -> None:
    """Whoever proved the passphrase that somebody else has just replaced has proved nothing."""
    if not VaultLock.objects.filter(key_id=checked.key_id).exists():
        raise VaultConflict(_("Somebody else changed the passphrase in this moment. Nothing was changed; try again."))


def _counted_try(now: datetime) -> VaultLock:
    """The lock, with this try counted before it is made: tries at once count one after the other."""
    with transaction.atomic():
        found = VaultLock.objects.select_for_update().first()
        if found is None:
            raise VaultConflict(_("The vault has no passphrase."))
        if found.next_try_at is not None and found.next_try_at > now:
            seconds = math.ceil((found.next_try_at - now).total_seconds())
            sentence = _("Too many wrong passphrases. Try again in %(seconds)s seconds.") % {"seconds": seconds}
            raise TooMany(sentence, retry_after=seconds)
        found.refused += 1
        over = found.refused - FREE_TRIES
        found.next_try_at = now + min(FIRST_PAUSE * 2 ** min(over, 10), LONGEST_PAUSE) if over >= 0 else None
        found.save(update_fields=["refused", "next_try_at"])
    return found


def _hold(key_id: str, key: bytes, lock_after: int | None) -> None:
    try:
        key_keeper.hold({key_id: key}, None if lock_after is None else lock_after * 60)
    except key_keeper.KeeperAway:
        raise VaultConflict(
            _("No process keeps the vault's key. Start the site with `manage.py up`, or run `manage.py keep_key`.")
        ) from None


def _check_strength(passphrase: Secret) -> None:
    text, sentence = passphrase.reveal(), ""
    if not SHORTEST <= len(text) <= LONGEST:
        sentence = _("Take %(shortest)s to %(longest)s characters; several words are best.") % {
            "shortest": SHORTEST,
            "longest": LONGEST,
        }
    else:
        try:
            CommonPasswordValidator().validate(text)
        except ValidationError as common:
            sentence = " ".join(common.messages)
    if sentence:
        raise PassphraseRefused(sentence, fields={"new": [sentence]})


def _by_staff(by: User | None) -> None:
    if by is not None and not by.is_staff:
        raise NotAllowed(_("Only the people who run this site lock and unlock its vault."))
