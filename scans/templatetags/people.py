"""What is known of people beside their row, for templates."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from scans.follow_dates import NEVER_TOLD, Since

register = template.Library()


@register.filter
def since_of(dates: Mapping[int, Since] | str | None, profile_id: int) -> Since:
    """Since when the person follows and is followed; of a page that has no ``dates`` nothing is known."""
    return dates.get(profile_id, NEVER_TOLD) if isinstance(dates, Mapping) else NEVER_TOLD
