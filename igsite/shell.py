"""The shell around every page: navigation, theme, workspace; error pages; the patterns page; a health check."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from igsite import navigation
from igsite.ownership import Role, may

BRAND = "igsite"
THEMES = ("light", "dark")
YEAR_SECONDS = 365 * 24 * 3600


def _navigation(request: HttpRequest, among: list[navigation.Entry]) -> dict[str, Any]:
    standing = navigation.open_to(request, among)
    current = navigation.current(request, standing)
    if current is None and among is navigation.MAIN:
        # Pages of sign-in and security live elsewhere and belong to the settings all the same.
        inside = navigation.current(request, navigation.entries(navigation.SETTINGS))
        current = next((entry for entry in standing if inside and entry.url_name == "settings:index"), None)
    return {"entries": standing, "current": current}


def _live_url(request: HttpRequest) -> str:
    """The socket's address; it tells since when this page may have missed something."""
    begun_at: int = getattr(request, "begun_at", 0)
    return f"/ws/live/?begun={begun_at}"


def theme_of(request: HttpRequest) -> str:
    """``light``, ``dark`` or, for the system's own, an empty text."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def context(request: HttpRequest) -> dict[str, Any]:
    """What every template may use. Lazy where it costs something: a partial pays only for what it shows."""
    return {
        "brand": BRAND,
        "theme": theme_of(request),
        "workspace": getattr(request, "workspace", None),
        "membership": getattr(request, "membership", None),
        "can_edit": partial(may, request, Role.EDITOR),
        "can_own": partial(may, request, Role.OWNER),
        "main_nav": partial(_navigation, request, navigation.MAIN),
        "settings_nav": partial(_navigation, request, navigation.SETTINGS),
        "live_url": partial(_live_url, request),
        "demo": not settings.PRODUCTION,
    }


@require_POST
@login_not_required
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme in a cookie, so that the server renders it and nothing flashes."""
    chosen = request.POST.get("theme", "")
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponse(status=204) if request.htmx else redirect(back if safe else "/")  # type: ignore[attr-defined]
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SECURE_COOKIES)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@require_safe
@login_not_required
def health(_request: HttpRequest) -> JsonResponse:
    """Whether this process serves and reaches its database: 200 or 503, and nothing more for strangers to read."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@require_GET
def patterns(request: HttpRequest) -> HttpResponse:
    """Every component in its states, for those who build pages."""
    from igsite.patterns import components

    return render(request, "patterns.html", components())


@require_GET
def patterns_product(request: HttpRequest) -> HttpResponse:
    """The components that belong to one thing, in the states of that thing."""
    from igsite.patterns import in_the_product

    return render(request, "patterns_product.html", in_the_product())


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400: the request itself is broken."""
    return _plain("400.html", 400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: you may look, but not do this."""
    return render(request, "403.html", {"why": str(exception)}, status=403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403 for a form whose token is missing or old."""
    return render(request, "403.html", {"stale": True}, status=403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - never echoed
    """404, also for what exists but is not yours."""
    return render(request, "404.html", status=404)


@login_not_required
def server_error(_request: HttpRequest) -> HttpResponse:
    """500, rendered without request and database: either may be what broke."""
    return _plain("500.html", 500)


def _plain(template: str, status: int) -> HttpResponse:
    return HttpResponse(loader.render_to_string(template, {"brand": BRAND}), status=status)
