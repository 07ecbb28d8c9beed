"""A person's disc: initials, and the picture over them once it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("scans/_picture.html", takes_context=True)
def picture(
    context: template.Context, name: object, profile_id: int | None, size: int = 40, kept_at: datetime | None = None
) -> dict[str, Any]:
    """``{% picture name profile_id size %}``: the view puts what :func:`scans.pictures.ask` said into ``pictures``.

    Without it, ``kept_at`` (when the picture was fetched) tells that there is one; None: initials only.
    """
    kept: dict[int, int] = context.get("pictures") or {}
    version = kept.get(profile_id or 0) or (int(kept_at.timestamp()) if kept_at else None)
    address = f"{reverse('pictures:image', args=[profile_id])}?v={version}" if profile_id and version else ""
    return {"name": name, "key": profile_id or name, "size": size, "address": address}
