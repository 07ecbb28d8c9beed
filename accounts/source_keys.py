"""The keys of data services, one for each service and workspace: kept in the vault, tried on save, never shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import source_gateway, source_secrets
from accounts.connect import MustWait
from accounts.gateway import errors
from accounts.models import KeyStatus, RunState, SourceAccess, SourceName, SourceRun, User, Workspace
from accounts.models.source_runs import OPEN_RUNS
from accounts.source_pace import AccessLedger
from accounts.source_pages import wake_blocked
from accounts.source_secrets import KEYED
from igsite.audit import record
from igsite.problems import Invalid
from igsite.secrets import Secret

LONGEST: Final = 2_000


class KeyInvalid(Invalid):
    """The key cannot be used; the message says why. Nothing was changed."""

    code = "invalid_key"


def save(
    *, workspace: Workspace, source: SourceName, key: Secret, own_user_id: str = "", by: User | None, now: datetime
) -> SourceAccess:
    """Keep a key after trying it with one request that costs nothing; it replaces the one that was there.

    A service that cannot be reached does not stand in the way: the key is kept as not checked.

    Raises:
        KeyInvalid: no key, one that the service refuses, or (Meta) no number of one's own account.
        accounts.vault.VaultError: it cannot be sealed.
    """
    text = key.reveal().strip()
    _check_form(source, text, own_user_id.strip())
    kept = SourceAccess.objects.for_workspace(workspace).filter(source=source).first()
    tried = kept or SourceAccess(workspace=workspace, source=source, created_by=by)
    tried.own_user_id = own_user_id.strip()
    tried.key_sealed = source_secrets.sealed(tried, Secret(text))
    status, note = _tried(tried, now)
    with transaction.atomic():
        access, was_new = (
            SourceAccess.objects.for_workspace(workspace)
            .select_for_update()
            .get_or_create(workspace=workspace, source=source, defaults={"pk": tried.pk, "created_by": by})
        )
        access.key_sealed = source_secrets.sealed(access, Secret(text))
        access.own_user_id, access.status, access.note = tried.own_user_id, status, note
        access.checked_at, access.throttle_level, access.resumes_at = now, 0, None
        access.save()
        if status == KeyStatus.GOOD:
            wake_blocked(workspace.pk, source)
        record(by, "source_access.added" if was_new else "source_access.replaced", access, workspace=workspace, now=now)
    return access


def check(*, access: SourceAccess, by: User | None, now: datetime) -> SourceAccess:
    """Try the stored key again: one request that costs nothing. Raises ``NotReady`` without a key, ``VaultError``."""
    try:
        status, note = _tried(access, now)
    except KeyInvalid as refused:
        status, note = KeyStatus.REFUSED, str(refused)
    SourceAccess.objects.filter(pk=access.pk).update(
        status=status, note=note, checked_at=now, **({"resumes_at": None} if status == KeyStatus.GOOD else {})
    )
    record(by, "source_access.checked", access, workspace=access.workspace, now=now, details={"result": status})
    access.refresh_from_db()
    return access


def remove(*, access: SourceAccess, by: User | None, now: datetime) -> None:
    """Erase the key. Whatever was read with it stays.

    A paid run that it has started cannot be looked after any more: it counts as failed, and says where to end it.
    """
    with transaction.atomic():
        note = _("Its key was removed here. If it still runs at the service, end it there: it costs until then.")
        left = SourceRun.objects.filter(access=access, state__in=OPEN_RUNS)
        runs = left.update(state=RunState.FAILED, note=note, ended_at=now)
        record(by, "source_access.removed", access, workspace=access.workspace, now=now, details={"open_runs": runs})
        access.delete()


def _check_form(source: SourceName, text: str, own_user_id: str) -> None:
    if source not in KEYED:
        raise KeyInvalid(_("This source needs no key."))
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        sentence = _("Paste the key as the service shows it: letters, digits and signs, without spaces.")
        raise KeyInvalid(sentence, fields={"key": [sentence]})
    if source == SourceName.META and not (own_user_id.isascii() and own_user_id.isdigit() and len(own_user_id) <= 40):
        sentence = _("Enter the number of your own Instagram business account, as Meta shows it.")
        raise KeyInvalid(sentence, fields={"own_user_id": [sentence]})


def _tried(access: SourceAccess, now: datetime) -> tuple[KeyStatus, str]:
    """How the key fares. Raises :class:`KeyInvalid` when the service refuses it."""
    workspace = access.workspace
    if workspace is None:
        raise KeyInvalid(_("This source needs no key."))
    try:
        way = source_gateway.way_of(access, workspace, now)
    except MustWait as rests:
        return KeyStatus.UNKNOWN, rests.why[:300]
    gateway = source_gateway.open_source(access, way, AccessLedger(access, workspace, lambda: now))
    try:
        owner = gateway.check_key()
    except (errors.NeedsKey, errors.NeedsLogin) as refused:
        raise KeyInvalid(str(refused), fields={"key": [str(refused)]}) from None
    except errors.OutOfCredit as empty:
        return KeyStatus.EMPTY, str(empty)[:300]
    except errors.GatewayError as unclear:
        return KeyStatus.UNKNOWN, str(unclear)[:300]
    finally:
        gateway.close()
    return KeyStatus.GOOD, _owner(owner.name, owner.dollars_left)


def _owner(name: str, dollars_left: Any) -> str:
    if dollars_left is None:
        return (_("Key of %(name)s.") % {"name": name})[:300] if name else ""
    return (_("Key of %(name)s; %(dollars)s US dollars left.") % {"name": name or "?", "dollars": dollars_left})[:300]
