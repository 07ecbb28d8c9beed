"""Comparisons: the history with the form, one of them, and it as a file."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, Workspace
from automation import compare, naming
from automation.choices import logins_of, offer
from automation.models import ComparedAccount, Comparison, Side
from automation.views_batches import sheet
from igsite import audit
from igsite.htmx import redirect, render_page
from igsite.jobs.models import Job
from igsite.ownership import Role, may, require_role
from igsite.paging import page_of
from igsite.problems import Problem

PAGE: Final = 50
HEADING: Final = ("pk", "username", "followed_pk", "followed_username", "follows", "as_of")


class CompareForm(forms.Form):
    """Whose lists are searched, for whom, and by which login where a list has to be read."""

    left = forms.CharField(
        label=gettext_lazy("Whose followers"), max_length=20_000,
        help_text=gettext_lazy("Up to 50 accounts that are known here: @name, address or number, one per line."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    right = forms.CharField(
        label=gettext_lazy("Who is looked for"), max_length=60_000, help_text=gettext_lazy("Up to 500 accounts."),
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    login = forms.ModelChoiceField(
        label=gettext_lazy("Login that reads"), queryset=InstagramLogin.objects.for_workspace(None), required=False,
        empty_label=gettext_lazy("None: stored lists only"),
        help_text=gettext_lazy("Complete lists of the last seven days are not read again; of others, 150 pages."),
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace) -> None:
        super().__init__(*args)
        offer(self, "login", logins_of(workspace))


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """Former comparisons, the newest first, and the form for the next."""
    form = CompareForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        made = _made(request, form)
        if made is not None:
            return redirect(request, "automation:comparison", made.pk)
    mine = Comparison.objects.for_workspace(request.workspace).select_related("login", "created_by")
    page = page_of(
        mine, name="comparisons", order=("-created_at", "-id"), cursor=request.GET.get("cursor", ""), limit=PAGE
    )  # fmt: skip
    context = {"page": page, "form": form, "can_edit": may(request, Role.EDITOR), "section": "compare"}
    parts = {"more-rows": "automation/_compare_rows.html"}
    return render_page(
        request, "automation/compare_list.html", context, partials=parts, status=422 if form.errors else 200
    )  # fmt: skip


def _made(request: MemberRequest, form: CompareForm) -> Comparison | None:
    if not form.is_valid():
        return None
    sides = [_side(request, form, name) for name in ("left", "right")]
    if form.errors:
        return None
    try:
        return compare.prepare(
            workspace=request.workspace, login=form.cleaned_data["login"], lefts=sides[0], rights=sides[1],
            by=request.user, now=timezone.now(),
        )  # fmt: skip
    except Problem as refused:
        form.add_error(None, str(refused))
        return None


def _side(request: MemberRequest, form: CompareForm, name: str) -> list[int]:
    reading = naming.read_text(form.cleaned_data[name])
    found = naming.resolve(request.workspace, reading.people)
    odd = [*reading.odd, *(one.text for one in found.unknown)]
    if odd:
        some = ", ".join(odd[:20])
        form.add_error(
            name, _("Not known here: %(names)s. Track or scan them first, or leave them out.") % {"names": some}
        )
    return list(found.known)


def _find(request: MemberRequest, comparison_id: UUID) -> Comparison:
    mine = Comparison.objects.for_workspace(request.workspace).select_related("login", "workspace")
    return get_object_or_404(mine, pk=comparison_id)


@require_safe
def detail(request: MemberRequest, comparison_id: UUID) -> HttpResponse:
    """How far each list is known, and whom each right account follows."""
    comparison = _find(request, comparison_id)
    rights = ComparedAccount.objects.for_workspace(request.workspace).filter(comparison=comparison, side=Side.RIGHT)
    name = f"compared-{comparison.pk}"
    page = page_of(rights, name=name, order=("position", "id"), cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "comparison": comparison,
        "lefts": compare.left_of(comparison),
        "page": page,
        "rows": compare.rows(comparison, page.items),
        "job": Job.objects.for_workspace(request.workspace).named(comparison.job_uuid),
        "section": "compare",
    }
    parts = {"more-rows": "automation/_compared_rows.html", "compared": "automation/_compared.html"}
    return render_page(request, "automation/compare.html", context, partials=parts)


@require_safe
def give_file(request: MemberRequest, comparison_id: UUID) -> HttpResponse:
    """Each pair with yes, no or unknown, as CSV or XLSX."""
    comparison = _find(request, comparison_id)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    audit.record(request, "comparison.exported", comparison, details={"format": kind})
    return sheet(kind, f"comparison.{kind}", HEADING, compare.sheet(comparison))
