"""The search of the whole workspace: the field at the top of every page."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import render_page
from igsite.text import clean_text
from scans import finding, pictures


@require_safe
def find_page(request: MemberRequest) -> HttpResponse:
    """Accounts and people of that name."""
    q = clean_text(request.GET.get("q", ""))[: finding.LONGEST]
    found = finding.find(request.workspace, q)
    ids = [person.profile_id for person in found.people]
    context = {"q": q, "found": found, "shortest": finding.SHORTEST, "pictures": pictures.ask(ids)}
    return render_page(request, "scans/find.html", context, partials={"found": "scans/_found.html"})


app_name = "find"
urlpatterns = [path("", find_page, name="all")]
