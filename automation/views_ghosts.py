"""Ghost followers: the reports with the form, one of them, and a batch from it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, TrackedAccount, Workspace
from automation import ghosts
from automation.choices import accounts_of, logins_of, offer
from automation.models import ActionKind, GhostReport
from igsite.htmx import redirect, render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, may, require_role
from igsite.paging import page_of
from igsite.problems import Problem

PAGE: Final = 50


class GhostForm(forms.Form):
    """Whose followers, over how many posts, read by which login."""

    account = forms.ModelChoiceField(
        label=gettext_lazy("Account"), queryset=TrackedAccount.objects.for_workspace(None), empty_label=None
    )
    login = forms.ModelChoiceField(
        label=gettext_lazy("Login that reads"), queryset=InstagramLogin.objects.for_workspace(None), empty_label=None
    )
    posts = forms.IntegerField(
        label=gettext_lazy("Newest posts"), min_value=1, max_value=ghosts.MOST_POSTS, initial=12,
        help_text=gettext_lazy("Each costs 2 to 11 requests of the login’s budget: likers, and pages of comments."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace) -> None:
        super().__init__(*args)
        offer(self, "account", accounts_of(workspace))
        offer(self, "login", logins_of(workspace))


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """The reports, the newest first, and the form for the next."""
    form = GhostForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        made = _made(request, form)
        if made is not None:
            return redirect(request, "automation:ghost", made.pk)
    mine = GhostReport.objects.for_workspace(request.workspace).select_related("account", "created_by")
    page = page_of(
        mine, name="ghosts", order=("-created_at", "-id"), cursor=request.GET.get("cursor", ""), limit=PAGE
    )  # fmt: skip
    context = {"page": page, "form": form, "can_edit": may(request, Role.EDITOR), "section": "ghosts"}
    parts = {"more-rows": "automation/_ghost_reports.html"}
    return render_page(
        request, "automation/ghost_list.html", context, partials=parts, status=422 if form.errors else 200
    )  # fmt: skip


def _made(request: MemberRequest, form: GhostForm) -> GhostReport | None:
    if not form.is_valid():
        return None
    wish = form.cleaned_data
    try:
        return ghosts.order(
            account=wish["account"], login=wish["login"], posts=wish["posts"], by=request.user, now=timezone.now()
        )
    except Problem as refused:
        form.add_error(None, str(refused))
        return None


def _find(request: MemberRequest, report_id: UUID) -> GhostReport:
    mine = GhostReport.objects.for_workspace(request.workspace).select_related("account", "login", "workspace")
    return get_object_or_404(mine, pk=report_id)


@require_safe
def detail(request: MemberRequest, report_id: UUID) -> HttpResponse:
    """How much was seen, and who was seen nowhere."""
    report = _find(request, report_id)
    context = {
        "report": report,
        "coverage": ghosts.coverage(report),
        "page": ghosts.page(report, cursor=request.GET.get("cursor", ""), limit=PAGE),
        "job": Job.objects.for_workspace(request.workspace).named(report.job_uuid),
        "codes": "\n".join(ghosts.codes(report)),
        "can_edit": may(request, Role.EDITOR),
        "section": "ghosts",
    }
    parts = {"more-rows": "automation/_ghost_rows.html", "ghosts": "automation/_ghosts.html"}
    return render_page(request, "automation/ghost.html", context, partials=parts)


@require_POST
def stage(request: MemberRequest, report_id: UUID) -> HttpResponse:
    """A batch of them, to be reviewed: removed as followers, or no longer followed."""
    report = _find(request, report_id)
    require_role(request, Role.EDITOR)
    kind = ActionKind.UNFOLLOW if request.POST.get("kind") == ActionKind.UNFOLLOW else ActionKind.REMOVE
    try:
        if report.login is None:
            raise ghosts.NotReportable(str(gettext_lazy("The login of this report was removed.")))
        batch = ghosts.stage(report, kind=kind, login=report.login, by=request.user, now=timezone.now())
    except Problem as refused:
        messages.error(request, str(refused))
        return redirect(request, "automation:ghost", report.pk)
    return redirect(request, "automation:detail", batch.pk)
