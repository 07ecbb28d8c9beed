"""The doctor as a page: the site for its staff, the workspace for its owners.

Each check is asked for by itself, so that one that takes seconds keeps nobody waiting.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from igsite import doctor
from igsite.ownership import Role, may

_WORDS: dict[str, Any] = {
    "logins": gettext_lazy("Instagram logins"),
    "sources": gettext_lazy("Sources"),
    "proxies": gettext_lazy("Proxies"),
    "notifications": gettext_lazy("Notifications"),
}


@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All checks, each of which the page asks for; with ``?now=1`` they are done at once, for those without scripts."""
    groups = list(settings.DOCTOR_OF_WORKSPACES) if may(request, Role.OWNER) else []
    checks = list(doctor.site_checks()) if _is_staff(request) else []
    if not groups and not checks:
        raise PermissionDenied(_("The doctor is for owners of a workspace and for the staff of the site."))
    is_now = request.GET.get("now") == "1"
    shown = {
        "site": [(key, [doctor.of_site(key)] if is_now else None) for key in checks],
        "groups": [
            (key, _WORDS.get(key, key), doctor.of_workspace(key, _workspace(request)) if is_now else None)
            for key in groups
        ],
        "is_now": is_now,
    }
    return render(request, "settings/doctor.html", shown)


@never_cache
@require_GET
def of_site(request: HttpRequest, check: str) -> HttpResponse:
    """The finding of one check of the site. For its staff; for others it does not exist."""
    if not _is_staff(request) or check not in doctor.site_checks():
        raise Http404
    return render(request, "settings/_findings.html", {"findings": [doctor.of_site(check)]})


@never_cache
@require_GET
def of_workspace(request: HttpRequest, group: str) -> HttpResponse:
    """The findings of one group in this workspace, for its owners."""
    if not may(request, Role.OWNER) or group not in settings.DOCTOR_OF_WORKSPACES:
        raise Http404
    findings = doctor.of_workspace(group, _workspace(request))
    return render(request, "settings/_findings.html", {"findings": findings})


def _workspace(request: HttpRequest) -> Any:
    return getattr(request, "workspace", None)


def _is_staff(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_staff", False))
