"""Discovery: a new search, whom it found, and what to do with those who are marked."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from automation import discovery, discovery_lists, predictions
from automation.choices import logins_of
from automation.discovery_forms import DiscoveryForm
from automation.models import Candidate, DiscoverySearch
from automation.predict_views import staged
from igsite.htmx import redirect, render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from igsite.text import whole_numbers

PAGE: Final = 50
#: People that one act may name.
MARKED: Final = 500


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: MemberRequest) -> HttpResponse:
    """The form and the searches; a good form starts one and leads to it."""
    form = DiscoveryForm(request.POST or None, workspace=request.workspace, initial={"at_least": 1})
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        if form.is_valid():
            try:
                made = discovery.search(
                    workspace=request.workspace, login=form.cleaned_data["login"], wishes=form.wishes(),
                    by=request.user, now=timezone.now(),
                )  # fmt: skip
                return redirect(request, "discovery:search", made.pk)
            except Problem as refused:
                form.add_error(None, str(refused))
    page = discovery_lists.searches(request.workspace, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "form": form,
        "page": page,
        "can_edit": may(request, Role.EDITOR),
        "has_login": logins_of(request.workspace).exists(),
    }
    parts = {"more-rows": "automation/_discover_searches.html"}
    status = 422 if form.errors else 200
    return render_page(request, "automation/discover_index.html", context, partials=parts, status=status)


@require_safe
def search_page(request: MemberRequest, search_id: UUID) -> HttpResponse:
    """Whom a search found, the likeliest first; live while it works."""
    search = _search(request, search_id)
    context = {
        "search": search,
        "job": Job.objects.for_workspace(request.workspace).named(search.job_uuid),
        "left_out": discovery_lists.left_out(search),
        "page": discovery_lists.candidates(search, cursor=request.GET.get("cursor", ""), limit=PAGE),
        "can_edit": may(request, Role.EDITOR),
    }
    parts = {"more-rows": "automation/_discover_rows.html", "search": "automation/_discover_search.html"}
    return render_page(request, "automation/discover_search.html", context, partials=parts)


@require_POST
def act(request: MemberRequest, search_id: UUID) -> HttpResponse:
    """With those who are marked: stage follows, or look closer; or rank everybody anew."""
    search = _search(request, search_id)
    require_role(request, Role.EDITOR)
    wish = request.POST.get("act", "")
    if wish == "rank":
        discovery.order(search, by=request.user)
        messages.info(request, _("Everybody is being ranked with what is known by now."))
        return redirect(request, "discovery:search", search.pk)
    marked = whole_numbers(request.POST.getlist("ids")[:MARKED])
    mine = Candidate.objects.for_workspace(request.workspace).filter(search=search, pk__in=marked)
    pks = list(mine.order_by("-probability", "-lists", "-target_pk").values_list("target_pk", flat=True))
    if wish != "look" or not pks:
        return staged(request, search.login, pks, back=search)
    session = predictions.predict(
        workspace=request.workspace, login=search.login, pks=pks[: predictions.MOST], by=request.user,
        title=_("Found around %(accounts)s") % {"accounts": search.title}, now=timezone.now(),
    )  # fmt: skip
    return redirect(request, "predictions:session", session.pk)


def _search(request: MemberRequest, search_id: UUID) -> DiscoverySearch:
    mine = DiscoverySearch.objects.for_workspace(request.workspace).select_related("login", "workspace")
    return get_object_or_404(mine, pk=search_id)
