"""HTMX: what every answer needs, a partial from an allow-list, and events to the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect as plain_redirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

Reply = TypeVar("Reply", bound=HttpResponse)


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of the page is asked for, not the page: by htmx, and not to restore its history."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request  # type: ignore[union-attr]


def render_page(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any],
    *,
    partials: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, or the partial that ``partials`` names for the id of the target that htmx will fill.

    Only what stands in ``partials`` can be asked for; an unknown target gets the whole page.
    """
    template = page
    if partials and is_fragment(request):
        template = partials.get(request.htmx.target or "", page)  # type: ignore[attr-defined]
    return render(request, template, dict(context), status=status)


def redirect(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go to another page: htmx is told to load it whole, a plain form gets a redirect."""
    away: HttpResponse
    if is_fragment(request):
        away = HttpResponseClientRedirect(resolve_url(to, *args, **kwargs))
    else:
        away = plain_redirect(to, *args, **kwargs)
    return away


def way_back(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """The page that a form names as the one it was sent from, if it is one of this site; else ``otherwise``.

    Only what begins with a slash: ``redirect`` takes any other text for the name of a view.
    """
    hosts, is_secure = {request.get_host()}, request.is_secure()
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, hosts, require_https=is_secure)
    return wanted if is_ours else otherwise


def toast(response: Reply, text: Any, level: str = "info") -> Reply:
    """Let the page show a short message (``good``, ``info``, ``warn`` or ``bad``) with this answer to htmx."""
    return trigger_client_event(response, "toast", {"level": level, "text": str(text)})


class HtmxResponses:
    """Keeps fragments out of caches and history, and an expired session out of the middle of a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; see the class."""
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["HX-Request"])
            response.headers.setdefault("Cache-Control", "no-store")
        if getattr(request, "htmx", None) and response.status_code in (301, 302):
            return self._whole_page(request, response)
        return response

    def _whole_page(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """A redirect to the log-in page becomes one of the whole page, and leads back to the page, not the fragment."""
        sign_in = resolve_url(settings.LOGIN_URL)
        if urlsplit(response.headers.get("Location", "")).path != sign_in:
            return response
        back = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        answer = HttpResponseClientRedirect(f"{sign_in}?{urlencode({'next': back})}")
        patch_vary_headers(answer, ["HX-Request"])
        return answer
