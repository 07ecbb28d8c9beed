"""The secrets of a login, typed: what the vault holds in each column and in which shape."""

from __future__ import annotations

import json
import logging
from typing import Any, Literal, cast

from accounts import vault
from accounts.models import InstagramLogin
from igsite.secrets import Secret

logger = logging.getLogger(__name__)
Column = Literal["session_sealed", "pending_sealed", "totp_sealed", "password_sealed"]
COLUMNS: tuple[Column, ...] = ("session_sealed", "pending_sealed", "totp_sealed", "password_sealed")


def sealed(login: InstagramLogin, column: Column, secret: Secret | None) -> bytes | None:
    """``secret`` as it is stored in ``column`` of this login; None stays None."""
    if secret is None:
        return None
    return vault.seal(f"accounts_instagramlogin.{column}", login.pk, login.workspace_id, secret)


def opened(login: InstagramLogin, column: Column) -> Secret | None:
    """What ``column`` holds. Raises :class:`accounts.vault.VaultError`."""
    stored = getattr(login, column)
    if stored is None:
        return None
    return vault.open_sealed(f"accounts_instagramlogin.{column}", login.pk, login.workspace_id, stored)


def opened_or_lost(login: InstagramLogin, column: Column) -> Secret | None:
    """What ``column`` holds, or None when that does not open any more: for what the sign-in can do without."""
    try:
        return opened(login, column)
    except vault.SecretLost as lost:
        logger.warning("login %s: %s is lost: %s", login.pk, column, lost)
        return None


def sealed_json(login: InstagramLogin, column: Column, value: dict[str, Any]) -> bytes:
    """A dictionary, sealed for ``column``."""
    return cast("bytes", sealed(login, column, Secret(json.dumps(value))))


def opened_json(login: InstagramLogin, column: Column) -> dict[str, Any] | None:
    """The dictionary in ``column``, or None. Raises :class:`accounts.vault.VaultError`."""
    secret = opened(login, column)
    return None if secret is None else cast("dict[str, Any]", json.loads(secret.reveal()))
