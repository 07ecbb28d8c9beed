"""The audit log: who did what to what, when, in which workspace. Details never carry secrets."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any, Final

from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from igsite.models import AuditEntry
from igsite.secrets import MASK, Secret, redact

logger = logging.getLogger(__name__)
_SECRET_WORDS: Final = ("password", "secret", "token", "session", "cookie", "code", "seed", "key", "authorization")


def record(
    who: Any,
    action: str,
    target: models.Model | str = "",
    *,
    workspace: Any = None,
    now: dt.datetime | None = None,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, within the caller's transaction.

    ``who`` is the request (its person and workspace are taken) or the person; None is the site itself. ``action`` reads
    ``thing.done`` ("member.removed"). ``details`` holds plain values; whatever is named like a secret is masked.
    """
    if isinstance(who, HttpRequest):
        workspace = workspace or getattr(who, "workspace", None)
        who = who.user
    person = who if getattr(who, "is_authenticated", False) else None
    entry = AuditEntry.objects.create(
        workspace=workspace,
        who=person,
        who_label=getattr(person, "email", "") or "",
        action=action,
        target=_reference(target),
        target_label=str(target)[:300],
        details=_clean(details or {}),
        at=now or timezone.now(),
    )
    logger.info("audit %s by=%s target=%s", action, person.pk if person else "site", entry.target or entry.target_label)
    return entry


def _reference(target: models.Model | str) -> str:
    return f"{target._meta.label_lower}:{target.pk}" if isinstance(target, models.Model) else ""


def _clean(details: dict[str, Any]) -> dict[str, Any]:
    return {name: _clean_value(name, value) for name, value in details.items()}


def _clean_value(name: str, value: Any) -> Any:
    if isinstance(value, Secret) or any(word in name.lower() for word in _SECRET_WORDS):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return _clean(value)
    if isinstance(value, list | tuple | set):
        return [_clean_value(name, item) for item in value]
    return redact(str(value))[:500]
