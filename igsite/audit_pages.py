"""The audit log as a page, for owners of the workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from igsite.htmx import render_page
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
        cursor=request.GET.get("cursor", ""),
    )
    return render_page(
        request, "settings/audit.html", {"page": page}, partials={"more-rows": "settings/_audit_rows.html"}
    )
