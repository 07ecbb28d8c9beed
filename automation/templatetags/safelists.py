"""Safelists on pages of people, for templates."""

from __future__ import annotations

from typing import Any

from django import template

from automation import safelisting
from automation.models import Safelist
from igsite.ownership import Role, may

register = template.Library()


@register.inclusion_tag("automation/_safe_buttons.html", takes_context=True)
def safelist_buttons(context: template.Context, profile_id: int) -> dict[str, Any]:
    """``{% safelist_buttons person.pk %}``: on which safelists the person is, with the buttons that change it."""
    request = context["request"]
    on = safelisting.on_lists(request.workspace, profile_id)
    return {
        "lists": [(which, which.value in on) for which in Safelist],
        "person_id": profile_id,
        "can_edit": may(request, Role.EDITOR),
        "csrf_token": context.get("csrf_token"),
    }
