"""Words about losses, for templates."""

from __future__ import annotations

from django import template

from scans.models.verdicts import MEANINGS

register = template.Library()


@register.filter
def meaning(reason: object) -> str:
    """What a loss's reason says, in a sentence; None: that it was not checked yet."""
    return str(MEANINGS.get(str(reason or ""), ""))
