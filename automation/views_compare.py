"""Comparisons: the history with the form, one of them, and it as a file."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.member_request import MemberRequest
from accounts.models import InstagramLogin, Workspace
from automation import compare, lookups, naming
from automation.choices import logins_of, offer
from automation.forms import LOOK_UP, UNKNOWN_CHOICES
from automation.models import ComparedAccount, Comparison, Side
from automation.views_batches import sheet
from automation.words import words_of_odd, words_of_strangers, words_of_unknown
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
        help_text=gettext_lazy("Up to 50 accounts: @name, address or number, one per line."),
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

    unknown = forms.ChoiceField(
        label=gettext_lazy("People who are not known here"), required=False, widget=forms.RadioSelect,
        choices=UNKNOWN_CHOICES,
    )  # fmt: skip

    def __init__(self, *args: Any, workspace: Workspace) -> None:
        super().__init__(*args)
        offer(self, "login", logins_of(workspace))
        self.asks_unknown = False


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: MemberRequest) -> HttpResponse:
    """Former comparisons, the newest first, and the form for the next."""
    form = CompareForm(request.POST or None, workspace=request.workspace)
    if request.method == "POST":
        require_role(request, Role.EDITOR)
        made = _made(request, form)
        if isinstance(made, Job):
            return redirect(request, "automation:lookup", made.uuid)
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


def _made(request: MemberRequest, form: CompareForm) -> Comparison | Job | None:
    """The comparison, or the job that looks people up for it; None: the form says what is wrong."""
    if not form.is_valid():
        return None
    sides = {side: _side(request, form, side.value) for side in (Side.LEFT, Side.RIGHT)}
    unknown = [one for side in sides.values() for one in side.unknown]
    login, chosen = form.cleaned_data["login"], form.cleaned_data["unknown"]
    if unknown and not form.errors:
        _ask_about(form, unknown, login, chosen)
    if form.errors:
        return None
    order: dict[str, Any] = {
        "workspace": request.workspace, "login": login, "by": request.user, "now": timezone.now()
    }  # fmt: skip
    lefts, rights = (list(sides[side].known) for side in (Side.LEFT, Side.RIGHT))
    try:
        if unknown and chosen == LOOK_UP:
            return lookups.order_comparison(**order, sides=sides)
        return compare.prepare(**order, lefts=lefts, rights=rights)
    except Problem as refused:
        form.asks_unknown = bool(unknown)
        form.add_error(None, str(refused))
        return None


def _ask_about(form: CompareForm, unknown: list[naming.Named], login: InstagramLogin | None, chosen: str) -> None:
    """What to do about people whom nobody here knows, unless that is said already."""
    form.asks_unknown = True
    if chosen == LOOK_UP and login is None:
        form.add_error("login", words_of_strangers(unknown))
    elif not chosen:
        form.add_error("unknown", words_of_unknown(unknown))


def _side(request: MemberRequest, form: CompareForm, name: str) -> naming.Resolved:
    reading = naming.read_text(form.cleaned_data[name])
    if reading.odd:
        form.add_error(name, words_of_odd(reading.odd))
    return naming.resolve(request.workspace, reading.people)


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
