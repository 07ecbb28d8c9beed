"""Response headers that neither Django nor django-csp sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_NOTHING: Final = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
# Passkeys need the two credentials features, and only on the site's own pages.
PERMISSIONS: Final = ", ".join(
    [
        *(f"{feature}=()" for feature in _NOTHING),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
#: What no browser makes a page of: a policy for pages would only weigh, more than the picture itself.
_NO_PAGES: Final = ("text/css", "text/javascript", "application/javascript", "font/", "image/webp", "image/png")


class SecurityHeaders:
    """No sensor, camera or payment for any page; nothing of ours inside pages of others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.headers.get("Content-Type", "").startswith(_NO_PAGES):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS)
            response.headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
            response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
