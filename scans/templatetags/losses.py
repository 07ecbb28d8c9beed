"""Words about losses, for templates."""

from __future__ import annotations

from django import template

from scans.models.verdicts import meaning_of

register = template.Library()


@register.filter
def meaning(reason: object, basis: object = None) -> str:
    """What a loss's reason says, in a sentence; None: that it was not checked yet. ``basis`` belongs to it."""
    return meaning_of(str(reason or ""), str(basis) if basis else None)
