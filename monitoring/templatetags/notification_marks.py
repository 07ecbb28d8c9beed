"""What pages that show alerts say of the channels these are sent by."""

from __future__ import annotations

from typing import Any

from django import template

from monitoring import channel_troubles, deliveries

register = template.Library()


@register.inclusion_tag("notifications/_bad.html", takes_context=True)
def bad_channels(context: template.Context) -> dict[str, Any]:
    """Those of the workspace that fail often, each with what to do; nothing when all are well."""
    found = list(deliveries.bad_channels(context["request"].workspace))
    for channel in found:
        channel.trouble = channel_troubles.say(channel.last_error)  # type: ignore[attr-defined]
    return {"bad_channels": found}
