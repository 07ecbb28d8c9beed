"""The rules that every workspace has from the start, so that the inbox is useful without any set-up."""

from __future__ import annotations

from typing import Any, Final

from accounts.models import Workspace
from monitoring.models import BUILT_IN, AlertKind, AlertRule, Severity

_SEVERITIES: Final = {AlertKind.LOGIN: Severity.CRITICAL, AlertKind.LOSSES: Severity.INFO}


def provide(workspace: Workspace) -> None:
    """Make those that are missing; those that are there stay as people set them."""
    AlertRule.objects.bulk_create(
        [
            AlertRule(
                workspace=workspace, kind=kind, is_built_in=True, severity=_SEVERITIES.get(kind, Severity.WARNING),
                limit=0 if kind == AlertKind.LOSSES else None,
            )
            for kind in BUILT_IN
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def after_save(instance: Workspace, created: bool, raw: bool = False, **_: Any) -> None:
    """A new workspace gets them."""
    if created and not raw:
        provide(instance)
