"""Batches: the list, one of them in whichever state it is, what a person does with it, its report as a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_POST, require_safe

from accounts.member_request import MemberRequest
from automation import batch_lists, batches, estimates, judging, reviewing, safety, staged_expiry, undoing, words
from automation.forms import ConfirmForm
from automation.models import ON_POSTS, Batch, BatchState, Item, ItemState
from igsite import audit
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from scans import sheet_writing

PAGE, LINES = 30, 50
_ACTS: Final[dict[str, tuple[Callable[..., None], Any]]] = {
    "pause": (batches.pause, lazy_("Paused. Nothing more is sent until somebody resumes it.")),
    "resume": (batches.resume, lazy_("It goes on as soon as the budget allows.")),
    "cancel": (batches.cancel, lazy_("Cancelled. Nothing more is sent; what was sent is still read.")),
}
_WRITERS: Final = {"csv": sheet_writing.write_csv, "xlsx": sheet_writing.write_xlsx}
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def batch_of(request: MemberRequest, batch_id: UUID) -> Batch:
    """The batch through the door, or 404."""
    mine = Batch.objects.for_workspace(request.workspace).select_related("workspace", "login", "created_by", "undoes")
    return get_object_or_404(mine, pk=batch_id)


@require_safe
def listing(request: MemberRequest) -> HttpResponse:
    """The batches, the newest first."""
    state = request.GET.get("state", "")
    page = batch_lists.page(request.workspace, state=state, cursor=request.GET.get("cursor", ""), limit=PAGE)
    context = {
        "page": page,
        "state": state,
        "states": BatchState,
        "can_edit": may(request, Role.EDITOR),
        "section": "batches",
    }
    parts = {"more-rows": "automation/_rows.html", "batches": "automation/_table.html"}
    return render_page(request, "automation/list.html", context, partials=parts)


@require_safe
def row(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """One row of the list, for a page that listens."""
    return render(request, "automation/_row.html", {"told": batch_lists.told([batch_of(request, batch_id)])[0]})


@require_safe
def detail(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """The review of a staged batch; of any other what goes on, and the report."""
    batch = batch_of(request, batch_id)
    return review(request, batch) if batch.state == BatchState.STAGED else _run(request, batch)


def _common(request: MemberRequest, batch: Batch) -> dict[str, Any]:
    state = request.GET.get("show", "")
    page = batch_lists.lines(batch, state=state, cursor=request.GET.get("cursor", ""), limit=LINES)
    return {
        "batch": batch,
        "show": state if state in ItemState.values else "",
        "page": page,
        "states": batch_lists.shown_states(batch),
        "is_on_posts": batch.kind in ON_POSTS,
        "can_edit": may(request, Role.EDITOR),
        "section": "batches",
    }


def review(request: MemberRequest, batch: Batch, form: ConfirmForm | None = None) -> HttpResponse:
    """Everybody in the batch with what speaks for and against, how long it takes, and the confirmation."""
    context, now = _common(request, batch), timezone.now()
    waiting = reviewing.counts(batch)["waiting"]
    start = max(now, batch.starts_at or now)
    context |= {
        "waiting": waiting,
        "seen": batches.fingerprint(batch),
        "reasons": reviewing.reasons(batch),
        "order": words.order_in_words(batch, waiting),
        "safelist": safety.safelist_of(batch),
        "estimate": estimates.estimate(batch, waiting, start=start, now=now) if waiting else None,
        "expires_at": staged_expiry.expires_at(batch),
        "form": form or ConfirmForm(initial={"count": waiting}),
        "pictures": batch_lists.pictures_of(request.workspace, context["page"].items),
    }
    parts = {"review": "automation/_review.html", "more-rows": "automation/_review_rows.html"}
    status = 422 if form is not None and form.errors else 200
    return render_page(request, "automation/review.html", context, partials=parts, status=status)


def _run(request: MemberRequest, batch: Batch) -> HttpResponse:
    context, now = _common(request, batch), timezone.now()
    told = batch_lists.told([batch])[0]
    shown = [*context["page"].items]
    if told.is_open:
        context |= {"lately": batch_lists.lately(batch), "following": batch_lists.following_one(batch)}
        context["estimate"] = _estimate(batch, told.counts["waiting"])
        shown += [*context["lately"], *filter(None, [context["following"]])]
    context |= {
        "told": told,
        "budget": batch_lists.budget(batch, now),
        "to_undo": undoing.count(batch),
        "undo_from": undoing.earliest(batch, now),
        "undone_by": list(batch.undone_by.order_by("-created_at", "pk")[:5]),
        "pictures": batch_lists.pictures_of(request.workspace, shown),
    }
    parts = {"run": "automation/_run.html", "more-rows": "automation/_report_rows.html"}
    return render_page(request, "automation/run.html", context, partials=parts)


def _estimate(batch: Batch, waiting: int) -> estimates.Estimate | None:
    now = timezone.now()
    is_going_on = waiting and batch.state in (BatchState.CONFIRMED, BatchState.RUNNING)
    return estimates.estimate(batch, waiting, start=max(now, batch.starts_at or now), now=now) if is_going_on else None


@require_POST
def act(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Pause, resume or cancel."""
    batch = batch_of(request, batch_id)
    require_role(request, Role.EDITOR)
    wanted = request.POST.get("act", "")
    if wanted in _ACTS:
        call, said = _ACTS[wanted]
        try:
            call(batch=batch, by=request.user, now=timezone.now())
            messages.success(request, said)
        except Problem as refused:
            messages.error(request, str(refused))
    return redirect(request, "automation:detail", batch.pk)


@require_POST
def judge(request: MemberRequest, batch_id: UUID, item_id: int) -> HttpResponse:
    """What came of somebody of whom nobody knows: look again, or say it."""
    batch = batch_of(request, batch_id)
    item = get_object_or_404(Item.objects.for_workspace(request.workspace), batch=batch, pk=item_id)
    require_role(request, Role.EDITOR)
    wanted = request.POST.get("verdict", "")
    if wanted in judging.VERDICTS:
        try:
            judging.VERDICTS[wanted](item=item, by=request.user, now=timezone.now())
            is_look = wanted == "look"
            messages.success(request, _("It is looked at again soon. Nothing is sent.") if is_look else _("Noted."))
        except Problem as refused:
            messages.error(request, str(refused))
    return redirect(request, "automation:detail", batch.pk)


@require_POST
def undo(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Stage the batch that takes the follows of this one back."""
    batch = batch_of(request, batch_id)
    require_role(request, Role.EDITOR)
    try:
        staged = undoing.undo(batch=batch, by=request.user, now=timezone.now())
    except Problem as refused:
        messages.error(request, str(refused))
        return redirect(request, "automation:detail", batch.pk)
    return redirect(request, "automation:detail", staged.pk)


@require_safe
def report(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """The report as a file: CSV, or XLSX if that is asked for."""
    batch = batch_of(request, batch_id)
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    audit.record(request, "batch.exported", batch, details={"format": kind})
    name = f"{batch.login.username}-{batch.kind}-{batch.created_at:%Y-%m-%d}.{kind}"
    return sheet(kind, name, batch_lists.REPORT_HEADING, batch_lists.report_rows(batch))


def sheet(kind: str, name: str, heading: Any, rows: Any) -> HttpResponse:
    """A file of rows, handed over under a name."""
    file = io.BytesIO()
    _WRITERS[kind](file, heading, rows)
    response = HttpResponse(file.getvalue(), content_type=_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
