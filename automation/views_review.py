"""What is decided in the review: who is in, and that it begins."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.member_request import MemberRequest
from automation import batches, reviewing, staging, words
from automation.forms import ConfirmForm
from automation.models import Batch, BatchState
from automation.views_batches import batch_of, review
from igsite.htmx import is_fragment, redirect
from igsite.ownership import Role, require_role
from igsite.problems import Problem
from igsite.text import whole_numbers


@require_POST
def choose(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Leave out, take in, or put on a safelist: one by its button, those ticked, or all."""
    batch = batch_of(request, batch_id)
    require_role(request, Role.EDITOR)
    act, items = _asked(request)
    try:
        if act == "leave":
            count = reviewing.leave_out(batch=batch, items=items, by=request.user, now=timezone.now())
            messages.success(request, words.left_out(batch, count))
        elif act == "safe" and items is not None:
            which, _new = reviewing.make_safe(batch=batch, items=items, by=request.user, now=timezone.now())
            messages.success(request, _("Left out and put on the list “%(list)s”.") % {"list": which.label})
        elif act == "take":
            _tell(request, batch, reviewing.take_in(batch=batch, items=items, by=request.user, now=timezone.now()))
    except Problem as refused:
        messages.error(request, str(refused))
    batch.refresh_from_db()
    if is_fragment(request) and batch.state == BatchState.STAGED:
        return review(request, batch)
    return _back(request, batch)


def _asked(request: MemberRequest) -> tuple[str, Collection[int] | None]:
    """What to do with whom; None: with all."""
    act, _colon, one = request.POST.get("one", "").partition(":")
    if act:
        return act, whole_numbers([one])
    act = request.POST.get("act", "")
    if act in ("leave_all", "take_all"):
        return act.removesuffix("_all"), None
    return act, whole_numbers(request.POST.getlist("ids")[: staging.MOST_NAMED])


def _tell(request: MemberRequest, batch: Batch, taken: reviewing.TakenIn) -> None:
    said = words.taken_in(batch, taken.count)
    if taken.refused:
        why = ", ".join(f"{reason.label} ({count})" for reason, count in taken.refused.items())
        said += " " + _("Still left out: %(why)s.") % {"why": why}
    (messages.warning if taken.refused else messages.success)(request, said)


def _back(request: MemberRequest, batch: Batch) -> HttpResponse:
    show = request.GET.get("show", "")
    address = reverse("automation:detail", args=[batch.pk])
    return redirect(request, f"{address}?show={show}" if show.isalpha() else address)


@require_POST
def confirm(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Let it begin, if those in it are as many as were read."""
    batch = batch_of(request, batch_id)
    require_role(request, Role.EDITOR)
    form = ConfirmForm(request.POST)
    if batch.state == BatchState.STAGED and not form.is_valid():
        return review(request, batch, form)
    waiting = reviewing.counts(batch)["waiting"]
    try:
        if batch.state == BatchState.STAGED and form.cleaned_data["count"] != waiting:
            raise batches.BatchConflict(_("The batch changed meanwhile. Nothing was started: look at it once more."))
        told = form.cleaned_data if form.is_valid() else {}
        batches.confirm(
            batch=batch, by=request.user, now=timezone.now(), starts_at=told.get("starts_at"), seen=told.get("seen", "")
        )  # fmt: skip
        messages.success(request, _("Confirmed. It begins as soon as the budget allows."))
    except Problem as refused:
        messages.error(request, str(refused))
    return redirect(request, "automation:detail", batch.pk)
