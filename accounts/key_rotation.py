"""New keys for the vault while the site runs: no reader ever fails, and what was interrupted goes on where it stood.

**Master key**: the new one stands before the old one, so that both open; every data key is wrapped again; the old one
goes when nothing is wrapped by it any more.

**Data keys**: each workspace gets a new one; rows are sealed again one by one, unless somebody wrote them meanwhile; an
old key is deleted by night, :data:`GRACE` after it sealed last, when no row refers to it any more.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Substr

from accounts import data_keys, key_sources, vault, vault_lock
from accounts.master_key import MasterKey, MasterKeyMissing, key_source, master_keys, new_master_key, retire, store
from accounts.models import DataKey, VaultLock
from accounts.vault_errors import SecretLost, VaultError

#: A process that fetched a key just before it was replaced has long stored what it sealed.
GRACE: Final = timedelta(hours=1)
#: Columns of this ending are sealed under ``table.column``, the row's primary key and its ``workspace_id``.
SEALED: Final = "_sealed"
_BATCH: Final = 200
#: Second factors are texts in the JSON of allauth, sealed for their person under the site's own key.
FACTOR: Final = "mfa_authenticator.data"
_HEADER: Final = 9  # bytes of a sealed value that say which key made it
_TRIES: Final = 5
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose values are sealed."""

    model: type[models.Model]
    name: str

    @property
    def place(self) -> str:
        """What its values are bound to."""
        return f"{self.model._meta.db_table}.{self.name}"

    @property
    def rows(self) -> models.QuerySet[Any]:
        """All rows with a value, of all workspaces, whatever the model's own manager hides."""
        return models.QuerySet(self.model).exclude(**{self.name: None})


def sealed_columns() -> list[SealedColumn]:
    """All of them, of all apps, by their name."""
    return [
        SealedColumn(model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and field.name.endswith(SEALED)
    ]


def rotate_master(say: Say) -> bool:
    """A new master key. True when the old one is gone; False when something still needs it, which is said.

    Raises:
        MasterKeyMissing: there is no key, or it comes from the environment and the new one is not there yet.
    """
    keys = _with_new_one(say)
    fresh, old = keys[0], keys[1:]
    say(f"wrapping by key {fresh.id}")
    for number, key_id in enumerate(_wrapped_by(old), start=1):
        _wrap_again(key_id, fresh, say)
        if number % _BATCH == 0:
            say(f"{number} data keys wrapped again")
    with transaction.atomic():
        data_keys.own_wrapping()
        behind = VaultLock.objects.select_for_update().exclude(machine_key_id=fresh.id).first()
        if behind is not None:
            vault_lock.rewrap_behind_passphrase(behind, fresh.id, fresh.material)
    return _retired(fresh, old, say)


def rotate_data(now: datetime, say: Say) -> int:
    """New data keys, and everything sealed again under them. How many secrets could not be opened and stay as they are.

    A key that is younger than :data:`GRACE` stays: so a second start goes on with what the first one began.

    Raises:
        VaultLocked, KeyUnavailable: nothing can be sealed.
    """
    made = 0
    for key in DataKey.objects.filter(is_current=True, created_at__lt=now - GRACE).order_by("pk"):
        with transaction.atomic():
            data_keys.retire(key)
            data_keys.create(key.workspace_id)
        made += 1
    say(f"{made} new data keys")
    lost = seal_again(say)
    gone = delete_unused(now)
    waiting = DataKey.objects.filter(is_current=False).count()
    say(f"{gone} old data keys deleted, {waiting} kept until nothing can need them any more")
    return lost


def seal_again(say: Say) -> int:
    """Seal under its workspace's current key whatever is sealed under an older one. How many do not open."""
    lost = done = 0
    for column in sealed_columns():
        for row_id, workspace_id in _older(column):
            try:
                done += _seal_row_again(column, row_id, workspace_id)
            except SecretLost as error:
                lost += 1
                say(f"{column.place} of {row_id} stays as it is: {error}")
            if done and done % _BATCH == 0:
                say(f"{done} secrets sealed again")
    for authenticator in Authenticator.objects.order_by("pk").iterator():
        done += _seal_factor_again(authenticator.pk)
    say(f"{done} secrets sealed again, {lost} do not open")
    return lost


def delete_unused(now: datetime) -> int:
    """Old data keys that nothing refers to, once nobody can have one in hand any more. How many."""
    old = DataKey.objects.filter(is_current=False)
    replaced = DataKey.objects.filter(is_current=True, created_at__lt=now - GRACE)
    at_rest = {key.workspace_id for key in replaced}
    candidates = [key.pk for key in old if key.workspace_id in at_rest]
    if not candidates:
        return 0
    unused = set(candidates) - _key_ids_in_use()
    deleted, _details = DataKey.objects.filter(pk__in=unused, is_current=False).delete()
    return deleted


def tidy(now: datetime) -> None:
    """What a rotation left: rows that were written in its midst, and keys that have no rows any more."""
    if DataKey.objects.filter(is_current=False).exists():
        seal_again(lambda _line: None)
        delete_unused(now)


def _with_new_one(say: Say) -> tuple[MasterKey, ...]:
    """The keys with a fresh one before them; those of an interrupted change as they are."""
    keys = master_keys()
    if len(keys) > 1:
        say("going on with the change that has begun")
        return keys
    if key_source() == "environment":
        raise MasterKeyMissing(
            "IGSITE_MASTER_KEY holds one key. Put a new one before it (`manage.py generate_env` makes one), with a "
            "comma between them, restart the site, and run this again."
        )
    keys = (new_master_key(), *keys)
    store(keys)
    return keys


def _wrapped_by(old: tuple[MasterKey, ...]) -> list[int]:
    ids = [key.id for key in old]
    return list(DataKey.objects.filter(master_key_id__in=ids).order_by("pk").values_list("pk", flat=True))


def _wrap_again(key_id: int, fresh: MasterKey, say: Say) -> None:
    with transaction.atomic():
        data_keys.own_wrapping()
        key = DataKey.objects.select_for_update().filter(pk=key_id).first()
        if key is None or key.master_key_id.startswith(key_sources.GUARDED):
            return
        try:
            material = data_keys.unwrap(key, key_sources.key_named(key.master_key_id))
        except VaultError as error:
            say(f"data key {key_id} stays as it is: {error}")
        else:
            data_keys.wrap(key, material, fresh.id, fresh.material)


def _retired(fresh: MasterKey, old: tuple[MasterKey, ...], say: Say) -> bool:
    with transaction.atomic():
        data_keys.own_wrapping()  # whoever makes a data key now waits, and reads the keys after us
        left = _wrapped_by(old)
        if left:
            say(f"{len(left)} data keys are still wrapped by the old key. It stays: run this again later.")
            return False
        if key_source() == "environment":
            say("Nothing is wrapped by the old key any more: take it out of IGSITE_MASTER_KEY and restart the site.")
        else:
            say(f"the old key is kept apart in {retire(old)}: backups made until now need it, nothing else does")
            store((fresh,))
    return True


def _older(column: SealedColumn) -> Iterator[tuple[Any, UUID | None]]:
    """Rows whose value another key than the current one of their workspace has sealed, in batches by primary key."""
    current = dict(DataKey.objects.filter(is_current=True).values_list("workspace_id", "pk"))
    rows = column.rows.order_by("pk")
    last: Any = None
    while True:
        batch = rows if last is None else rows.filter(pk__gt=last)
        found = list(batch.annotate(head=_head(column)).values_list("pk", "workspace_id", "head")[:_BATCH])
        for row_id, workspace_id, head in found:
            if _key_id(head) != current.get(workspace_id):
                yield row_id, workspace_id
        if len(found) < _BATCH:
            return
        last = found[-1][0]


def _head(column: SealedColumn) -> Substr:
    return Substr(column.name, 1, _HEADER, output_field=models.BinaryField())


def _key_id(head: bytes | memoryview) -> int:
    return int.from_bytes(bytes(head)[1:], "big")


def _seal_row_again(column: SealedColumn, row_id: Any, workspace_id: UUID | None) -> int:
    """1 when it was sealed again, 0 when somebody else has written or erased it meanwhile."""
    row = column.rows.filter(pk=row_id, workspace_id=workspace_id)
    for _try in range(_TRIES):
        stored = row.values_list(column.name, flat=True).first()
        if stored is None:
            return 0
        secret = vault.open_sealed(column.place, row_id, workspace_id, stored)
        fresh = vault.seal(column.place, row_id, workspace_id, secret)
        if row.filter(**{column.name: stored}).update(**{column.name: fresh}):
            return 1
    return 0


def _seal_factor_again(authenticator_id: int) -> int:
    """1 when something in it was sealed again."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().filter(pk=authenticator_id).first()
        if row is None:
            return 0
        fresh = {name: _factor_value(value, str(row.user_id)) for name, value in row.data.items()}
        if fresh == row.data:
            return 0
        row.data = fresh
        row.save(update_fields=["data"])
    return 1


def _factor_value(value: Any, person_id: str) -> Any:
    """The value sealed by the current key; as it is when it is not sealed, or is already."""
    if isinstance(value, list):
        return [_factor_value(one, person_id) for one in value]
    key_id = _factor_key(value)
    if key_id is None or not DataKey.objects.filter(pk=key_id, workspace=None, is_current=False).exists():
        return value
    try:
        secret = vault.open_sealed(FACTOR, person_id, None, base64.b64decode(value))
    except SecretLost:
        return value
    return base64.b64encode(vault.seal(FACTOR, person_id, None, secret)).decode("ascii")


def _factor_key(value: Any) -> int | None:
    """The id of the key that sealed it, or None when it is not a sealed value."""
    try:
        return vault.key_id_of(base64.b64decode(value, validate=True))
    except (TypeError, binascii.Error, ValueError, SecretLost):
        return None


def _key_ids_in_use() -> set[int]:
    used: set[int] = set()
    for column in sealed_columns():
        rows = column.rows.annotate(head=_head(column)).order_by()
        used |= {_key_id(head) for head in rows.values_list("head", flat=True).distinct()}
    for data in Authenticator.objects.values_list("data", flat=True).iterator():
        for value in data.values():
            used |= {_factor_key(one) or 0 for one in (value if isinstance(value, list) else [value])}
    return used
