"""Pages and data go compressed over the wire; pictures, files and streams go as they are."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_TEXT: Final = ("text/html", "application/json", "application/manifest+json", "image/svg+xml")


class CompressText(GZipMiddleware):
    """Django's compression, for text only. It adds up to 100 random bytes to each answer, and every page masks its CSRF
    token anew, so that the length of an answer tells nothing of a secret in it (the BREACH attack)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress what is text and whole."""
        if response.streaming or not response.headers.get("Content-Type", "").startswith(_TEXT):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
