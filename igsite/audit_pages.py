"""The audit log as a page, for owners of the workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from igsite.models import AuditEntry
from igsite.ownership import Role, require_role
from igsite.paging import page_of


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Who did what in this workspace, newest first."""
    require_role(request, Role.OWNER)
    workspace = getattr(request, "workspace", None)
    page = page_of(
        AuditEntry.objects.for_workspace(workspace),
        name=f"audit:{workspace.pk if workspace else ''}",
        order=("-at", "-id"),
        cursor=request.GET.get("after", ""),
    )
    template = "settings/audit.html"
    if getattr(request, "htmx", False):
        template = "settings/_audit_rows.html"
    return render(request, template, {"page": page})
