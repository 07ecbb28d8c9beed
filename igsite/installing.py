"""What lets a phone or a computer keep the site as an app: its name, colours, icons and the page it begins with.

There is no service worker: without the server there is nothing true to show.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

#: While the app opens, before its own colours are there.
PAPER: Final = "#ffffff"
_ICONS: Final = (
    ("icon-192", "192x192", "any"),
    ("icon-512", "512x512", "any"),
    ("icon-maskable-512", "512x512", "maskable"),
)


@require_safe
@login_not_required
@cache_control(public=True, max_age=3600)
def manifest(_request: HttpRequest) -> JsonResponse:
    """The web app manifest (https://www.w3.org/TR/appmanifest/). The same for everybody."""
    shortcuts = [(_("Accounts"), "accounts:list"), (_("Scans"), "scans:list"), (_("Search"), "find:all")]
    description: dict[str, Any] = {
        "name": "igsite",
        "short_name": "igsite",
        "description": _("The truth about Instagram accounts: who follows, who left and why, what changed."),
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "lang": get_language() or "en",
        "dir": "rtl" if get_language_bidi() else "ltr",
        "background_color": PAPER,
        "icons": [
            {"src": static(f"app/icons/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in _ICONS
        ],
        "shortcuts": [{"name": name, "url": reverse(address)} for name, address in shortcuts],
    }
    return JsonResponse(description, content_type="application/manifest+json")


urlpatterns = [path("", manifest, name="manifest")]
