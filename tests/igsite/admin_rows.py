"""Rows of any table, filled in by the kinds of its columns: for tests that go through all tables of the admin."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

_numbers = itertools.count(5_000_000)
_parts = itertools.cycle(["profile", "followers", "following", "posts", "post", "comments"])
#: What the constraints of a table want of its columns.
WANTED: dict[str, dict[str, Any]] = {
    "accounts.invitation": {"email": lambda: f"{uuid.uuid4().hex}@example.com"},
    "accounts.sourceaccess": {"status": "", "workspace": lambda: made("accounts.workspace")},
    "accounts.sourcechain": {"sources": ["web_public"]},
    "accounts.sourcehealth": {"source": "apify", "part": lambda: next(_parts)},
    "accounts.user": {"email": lambda: f"{uuid.uuid4().hex}@example.com"},
    "accounts.proxy": {"port": 8080},
    "admin.logentry": {"content_type": lambda: ContentType.objects.first(), "action_flag": 2, "change_message": ""},
    "automation.attempt": {"state": "intent", "kind": "follow"},
    "automation.comparison": {"left_count": 1, "right_count": 1},
    "automation.ghostreport": {"posts_wanted": 3},
    "monitoring.alertrule": {"monitor": None, "account": None},
    "monitoring.delivery": {"state": "waiting"},
    "monitoring.notificationchannel": {"pace": "at_once"},
    "monitoring.gap": {"since": timezone.now, "until": timezone.now},
    "monitoring.monitor": {"kind": "profile", "interval_seconds": 3600, "username": lambda: uuid.uuid4().hex},
    "scans.scanschedule": {"directions": ["followers"], "every_minutes": 60},
}


def made(label: str) -> Any:
    """A new row of the table ``app.model``, and of those that it hangs on."""
    from django.apps import apps

    model = apps.get_model(label)
    given = {name: value() if callable(value) else value for name, value in WANTED.get(label, {}).items()}
    for field in model._meta.concrete_fields:
        if field.name not in given and _must_be_given(field):
            given[field.name] = _value(field)
    return model._base_manager.create(**given)


def _must_be_given(field: Any) -> bool:
    is_made_up = isinstance(field, models.AutoField | models.BigAutoField) or getattr(field, "auto_now_add", False)
    # Rows that a list names are there, so that a list that asks for each of them by itself is found out.
    if isinstance(field, models.ForeignKey):
        return field.remote_field.model._meta.label_lower != field.model._meta.label_lower
    return not (is_made_up or field.null or field.has_default())


def _value(field: Any) -> Any:
    if isinstance(field, models.ForeignKey):
        return made(field.remote_field.model._meta.label_lower)
    if isinstance(field, ArrayField):
        return [field.base_field.choices[0][0]] if field.base_field.choices else ["a"]
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.CharField | models.TextField):
        return f"r{next(_numbers)}"[: field.max_length or 20]
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.BinaryField):
        return uuid.uuid4().bytes
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.PositiveSmallIntegerField):
        return 1
    return next(_numbers)
