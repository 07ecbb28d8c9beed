"""Accounts that belong to one person: the people, adding accounts, and taking one away."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.member_request import MemberRequest
from automation import alternatives, lookups, naming
from automation.forms import LOOK_UP, LinkForm
from automation.words import words_of_odd, words_of_unknown
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from igsite.text import whole_number
from scans import pictures

PAGE: Final = 30


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """The people of whom several accounts are known, the newest first."""
    initial = {"names": request.GET.get("names", "")[:1_000]}
    return _list(request, LinkForm(workspace=request.workspace, initial=initial))


def _list(request: MemberRequest, form: LinkForm) -> HttpResponse:
    page = alternatives.page(request.workspace, cursor=request.GET.get("cursor", ""), limit=PAGE)
    shown = naming.on_lists(request.workspace, (one.pk for person in page.items for one in person.accounts))
    context: dict[str, Any] = {
        "page": page,
        "form": form,
        "can_edit": may(request, Role.EDITOR),
        "pictures": pictures.ask(shown),
        "section": "links",
    }
    parts = {"more-rows": "automation/_link_rows.html"}
    status = 422 if form.errors else 200
    return render_page(request, "automation/links.html", context, partials=parts, status=status)


@require_POST
def add(request: MemberRequest) -> HttpResponse:
    """Say that these accounts are one person's; who is not known here is looked up first, if that is wanted."""
    require_role(request, Role.EDITOR)
    form = LinkForm(request.POST, workspace=request.workspace)
    if not form.is_valid():
        return _list(request, form)
    reading = naming.read_text(form.cleaned_data["names"])
    resolved = naming.resolve(request.workspace, reading.people)
    if reading.odd:
        form.add_error("names", words_of_odd(reading.odd))
        return _list(request, form)
    order: dict[str, Any] = {
        "workspace": request.workspace, "note": form.cleaned_data["note"], "by": request.user, "now": timezone.now()
    }  # fmt: skip
    try:
        if resolved.unknown and not (form.cleaned_data["unknown"] and form.login):
            form.ask_unknown(words_of_unknown(resolved.unknown))
            return _list(request, form)
        if resolved.unknown and form.cleaned_data["unknown"] == LOOK_UP and form.login:
            job = lookups.order_link(
                **order, login=form.login, known=list(resolved.known), unknown=resolved.unknown
            )  # fmt: skip
            return redirect(request, "automation:lookup", job.uuid)
        alternatives.link(**order, pks=list(resolved.known))
    except Problem as refused:
        form.add_error("names", str(refused))
        return _list(request, form)
    messages.success(request, _("They are linked as one person’s accounts."))
    return redirect(request, "automation:alternatives")


@require_POST
def remove(request: MemberRequest) -> HttpResponse:
    """This account is another person's after all."""
    require_role(request, Role.EDITOR)
    pk = whole_number(request.POST.get("pk", ""), digits=18)
    try:
        alternatives.unlink(workspace=request.workspace, pk=pk or 0, by=request.user, now=timezone.now())
        messages.success(request, _("Not linked any more."))
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect(request, "automation:alternatives")
