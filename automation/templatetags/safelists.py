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


@register.inclusion_tag("automation/_safe_menu.html")
def safelist_menu(profile_id: int, name: str) -> dict[str, Any]:
    """``{% safelist_menu person.profile_id person.username %}``: the menu of one row of a list. Asks nothing."""
    return {"lists": list(Safelist), "person_id": profile_id, "name": name}


@register.inclusion_tag("automation/_safe_put.html", takes_context=True)
def safelist_put(context: template.Context) -> dict[str, Any]:
    """``{% safelist_put %}``: once on a page with such menus, outside of other forms."""
    return {"csrf_token": context.get("csrf_token"), "back": context["request"].path}
