"""The rules of alerts: the list, a new one, one to change, and what is done with it at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from igsite.text import whole_number
from monitoring import alert_rules
from monitoring.alert_forms import RuleForm
from monitoring.models import AlertKind, AlertRule

PAGE = 50


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """All rules, the newest first."""
    page = alert_rules.page(request.workspace, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {"page": page, "snoozes": alert_rules.SNOOZES, "now": timezone.now()}
    return render_page(request, "alerts/rules.html", context, partials={"more-rows": "alerts/_rules_rows.html"})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MemberRequest) -> HttpResponse:
    """First the kind, then what it needs."""
    require_role(request, Role.EDITOR)
    asked = request.GET.get("kind", "")
    if asked not in AlertKind.values:
        return render(request, "alerts/new_rule.html", {"kinds": AlertKind})
    given = request.POST if request.method == "POST" else None
    form = RuleForm(AlertKind(asked), given, initial={"about": request.GET.get("about", "")[:200]})
    if request.method == "POST" and form.is_valid():
        try:
            alert_rules.make(workspace=request.workspace, draft=form.draft(), by=request.user, now=timezone.now())
            messages.success(request, _("The rule was made."))
            return redirect(request, "alerts:rules")
        except Problem as refused:
            form.refuse(str(refused), refused.fields)
    context = {"form": form, "kind": AlertKind(asked)}
    return render(request, "alerts/rule.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: MemberRequest, rule_id: UUID) -> HttpResponse:
    """One rule, to be looked at or changed."""
    rule = _rule(request, rule_id)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
    form = RuleForm.of(rule, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            alert_rules.change(rule=rule, draft=form.draft(), by=request.user, now=timezone.now())
            messages.success(request, _("The rule was changed."))
            return redirect(request, "alerts:rules")
        except Problem as refused:
            form.refuse(str(refused), refused.fields)
    context: dict[str, Any] = {"form": form, "kind": AlertKind(rule.kind), "rule": rule}
    return render(request, "alerts/rule.html", context, status=422 if form.errors else 200)


@require_POST
def act(request: MemberRequest, rule_id: UUID) -> HttpResponse:
    """Mute, snooze, switch off, and back. Leads to where it was asked: the inbox, or the rules."""
    rule = _rule(request, rule_id)
    require_role(request, Role.EDITOR)
    hours = whole_number(request.POST.get("hours", ""), digits=4) or 0
    alert_rules.act(rule=rule, act=request.POST.get("act", ""), hours=hours, by=request.user, now=timezone.now())
    messages.success(request, _("The rule was changed."))
    return redirect(request, "alerts:inbox" if request.POST.get("back") == "inbox" else "alerts:rules")


@require_POST
def delete(request: MemberRequest, rule_id: UUID) -> HttpResponse:
    """Away with it; its alerts stay."""
    rule = _rule(request, rule_id)
    require_role(request, Role.EDITOR)
    alert_rules.remove(rule=rule, by=request.user, now=timezone.now())
    messages.success(request, _("The rule was deleted. Its alerts stay."))
    return redirect(request, "alerts:rules")


def _rule(request: MemberRequest, rule_id: UUID) -> AlertRule:
    mine = AlertRule.objects.for_workspace(request.workspace).select_related("workspace", "monitor", "account")
    return get_object_or_404(mine, pk=rule_id)
