"""docs/alerts.md has each kind of rule, and tells those that every workspace has."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from monitoring.alert_rules import FIELDS
from monitoring.models import BUILT_IN, AlertKind

TABLE = re.compile(r"^\| `(\w+)`( \*)? \|", re.MULTILINE)


def test_every_kind_of_rule_is_documented_and_no_other() -> None:
    found = TABLE.findall((Path(settings.BASE_DIR) / "docs" / "alerts.md").read_text())
    assert [kind for kind, _mark in found] == list(AlertKind.values)
    assert {kind for kind, mark in found if mark} == set(BUILT_IN)


def test_every_kind_has_its_fields() -> None:
    assert set(FIELDS) == set(AlertKind)
