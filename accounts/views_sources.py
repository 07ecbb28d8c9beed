"""Settings: which sources are asked and in which order, their keys, how they do; and the same for one account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import source_chains, source_health, source_keys, source_overview, source_runs
from accounts.forms_sources import ChainStep, KeyForm, PartForm
from accounts.member_request import MemberRequest
from accounts.models import Part, SourceAccess, SourceName, SourceRun, TrackedAccount
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem


@require_GET
def listing(request: MemberRequest) -> HttpResponse:
    """The chains, and every source: what it can do, what it costs, how it stands."""
    views = source_overview.overview(request.workspace, now=timezone.now())
    shown = {
        "sources": views,
        "chains": source_overview.chains(request.workspace, views),
        "columns": [part for _ability, part in source_overview.SHOWN],
        "is_owner": may(request, Role.OWNER),
        "can_edit": may(request, Role.EDITOR),
    }
    return render(request, "sources/list.html", shown)


@require_POST
def order(request: MemberRequest) -> HttpResponse:
    """One change of a chain of the workspace."""
    require_role(request, Role.EDITOR)
    _change_chain(request, None)
    return redirect("settings:sources")


@never_cache
@require_GET
def detail(request: MemberRequest, source: str) -> HttpResponse:
    """One source: its key, its health, what it can do."""
    return _page(request, _known(source))


@sensitive_post_parameters()
@never_cache
@require_POST
def save_key(request: MemberRequest, source: str) -> HttpResponse:
    """A key, tried before it is kept."""
    name = _known(source)
    require_role(request, Role.OWNER)
    form = KeyForm(name, request.POST)
    if form.is_valid():
        try:
            source_keys.save(
                workspace=request.workspace, source=name, by=request.user, now=timezone.now(), **form.cleaned_data
            )
            messages.success(request, _("The key of %(source)s is kept.") % {"source": name.label})
            return redirect("settings:source", name)
        except Problem as refused:
            form.refuse(refused)
    return _page(request, name, form=form)


@require_POST
def check_key(request: MemberRequest, source: str) -> HttpResponse:
    """Try the stored key again."""
    access = _access(request, source)
    require_role(request, Role.EDITOR)
    checked = source_keys.check(access=access, by=request.user, now=timezone.now())
    messages.info(request, checked.note or checked.get_status_display())
    return redirect("settings:source", access.source)


@require_http_methods(["GET", "POST"])
def remove_key(request: MemberRequest, source: str) -> HttpResponse:
    """Ask, then erase the key."""
    access = _access(request, source)
    require_role(request, Role.OWNER)
    if request.method == "GET":
        return render(request, "sources/remove.html", {"access": access})
    source_keys.remove(access=access, by=request.user, now=timezone.now())
    messages.success(request, _("The key of %(source)s was erased.") % {"source": access.get_source_display()})
    return redirect("settings:sources")


@require_POST
def try_again(request: MemberRequest, source: str) -> HttpResponse:
    """Have a broken part looked at now."""
    name = _known(source)
    require_role(request, Role.EDITOR)
    form = PartForm(request.POST)
    if form.is_valid():
        part = Part(form.cleaned_data["part"])
        try:
            job = source_health.try_again(name, part, workspace=request.workspace, by=request.user, now=timezone.now())
            said = _("It is being tried.") if job else _("It is being tried already, or works again.")
            messages.info(request, said)
        except Problem as refused:
            messages.error(request, str(refused))
    return redirect("settings:source", name)


@require_POST
def settle_run(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """A person says whether an unclear run was started at the service."""
    run = get_object_or_404(SourceRun.objects.for_workspace(request.workspace).select_related("access"), pk=run_id)
    require_role(request, Role.EDITOR)
    try:
        was_started = request.POST.get("was_started") == "1"
        source_runs.settle(run=run, was_started=was_started, by=request.user, now=timezone.now())
        messages.success(request, _("It may be ordered again; the task goes on."))
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect("settings:source", run.access.source) if run.access else redirect("settings:sources")


@require_http_methods(["GET", "POST"])
def of_account(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """The chains of one account, and whether a login may read it."""
    mine = TrackedAccount.objects.for_workspace(request.workspace).select_related("profile")
    account = get_object_or_404(mine, pk=account_id)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        if "uses_login" in request.POST:
            uses = request.POST["uses_login"] == "1"
            source_chains.use_login(account=account, uses_login=uses, by=request.user, now=timezone.now())
        else:
            _change_chain(request, account)
        return redirect("accounts:sources", account.pk)
    views = source_overview.overview(request.workspace, now=timezone.now())
    shown = {
        "account": account,
        "chains": source_overview.chains(request.workspace, views, account=account),
        "can_edit": may(request, Role.EDITOR),
    }
    return render(request, "sources/account.html", shown)


def _change_chain(request: MemberRequest, account: TrackedAccount | None) -> None:
    form = ChainStep(request.POST)
    if not form.is_valid():
        messages.error(request, _("This change is not known here. Use the buttons beside the sources."))
        return
    try:
        source_chains.change(
            workspace=request.workspace, account=account, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    except Problem as refused:
        messages.error(request, str(refused))


def _page(request: MemberRequest, name: SourceName, **more: Any) -> HttpResponse:
    views = {view.name: view for view in source_overview.overview(request.workspace, now=timezone.now())}
    shown = {
        "view": views[name],
        "form": KeyForm(name) if views[name].wants_key else None,
        "is_owner": may(request, Role.OWNER),
        "can_edit": may(request, Role.EDITOR),
        "runs": _runs(request, views[name]),
    }
    return render(request, "sources/detail.html", shown | more, status=422 if "form" in more else 200)


def _runs(request: MemberRequest, view: source_overview.SourceView) -> list[SourceRun]:
    if view.access is None or not view.source.works_in_runs:
        return []
    mine = SourceRun.objects.for_workspace(request.workspace).filter(access=view.access)
    return list(mine.order_by("-ordered_at", "-id")[:20])


def _access(request: MemberRequest, source: str) -> SourceAccess:
    mine = SourceAccess.objects.for_workspace(request.workspace).exclude(key_sealed=None)
    return get_object_or_404(mine, source=_known(source))


def _known(source: str) -> SourceName:
    if source not in SourceName.values:
        raise Http404
    return SourceName(source)
