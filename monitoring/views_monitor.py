"""One monitor: its chart, figures, what happened; its acts; and several profiles beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy_
from django.views.decorators.http import require_POST, require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import redirect, render_page
from igsite.ownership import Role, may, require_role
from igsite.problems import Problem
from monitoring import acts, charts, due_times, history, lists, measuring_source
from monitoring.drawing import drawing, together
from monitoring.figures_of import figures_of
from monitoring.forms import NoteForm, RhythmForm
from monitoring.measurement_rows import PROFILE_COUNTS
from monitoring.models import Monitor, Note
from monitoring.views_monitors import uuids_in

COMPARED_MOST = 4
ENDED = {"pause": lazy_("Paused. Nothing is measured until you resume it."), "resume": lazy_("It goes on."),
         "stop": lazy_("Stopped. Its history stays."), "archive": lazy_("Archived. Its history stays.")}  # fmt: skip


def monitor_of(request: MemberRequest, monitor_id: UUID) -> Monitor:
    """The monitor through the door, or 404."""
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace", "parent")
    return get_object_or_404(mine, uuid=monitor_id)


@require_safe
def detail(request: MemberRequest, monitor_id: UUID) -> HttpResponse:
    """The page."""
    return _detail(request, monitor_of(request, monitor_id))


def _detail(
    request: MemberRequest, monitor: Monitor, *, rhythm: RhythmForm | None = None, note: NoteForm | None = None
) -> HttpResponse:
    now = timezone.now()
    since, until, range_name = _range(request, monitor, now)
    count = _count(request, monitor)
    told = history.between(monitor, since, until, now=now)
    marks = history.marks_between(monitor, since, until)
    gap = history.gap_now(monitor, now=now)
    context: dict[str, Any] = {
        "monitor": monitor,
        "count": count,
        "counts": charts.named(history.counts_of(monitor)),
        "ranges": history.RANGES,
        "range": range_name,
        "since": since,
        "until": until,
        "last_day": until - timedelta(seconds=1),
        "history": told,
        "drawing": drawing(str(monitor), told, count, [mark for mark in marks if mark.kind != "fact"]),
        "told": charts.told(monitor, told, count),
        "marks": marks,
        "gap": gap,
        "kept": measuring_source.kept(monitor, now=now) if gap else None,
        "figures": figures_of(monitor, now),
        "numbers": charts.table(told, history.counts_of(monitor)),
        "form": rhythm or RhythmForm.of(monitor),
        "note_form": note or NoteForm(),
        "intervals": due_times.NAMED,
        "can_edit": may(request, Role.EDITOR),
        "posts": lists.posts_of(monitor),
    }
    status = 422 if (rhythm and rhythm.errors) or (note and note.errors) else 200
    parts = {"history": "monitoring/_history.html"}
    return render_page(request, "monitoring/detail.html", context, partials=parts, status=status)


def _range(request: MemberRequest, monitor: Monitor, now: datetime) -> tuple[datetime, datetime, str]:
    """From, until and the name of the range that is asked for: a named one, or two dates."""
    begin, end = (_date(request.GET.get(name, "")[:20]) for name in ("from", "to"))
    if begin is not None and end is not None and begin <= end:
        zone = timezone.get_current_timezone()
        since = datetime.combine(begin, datetime.min.time(), tzinfo=zone)
        return since, datetime.combine(end + timedelta(days=1), datetime.min.time(), tzinfo=zone), "dates"
    name = request.GET.get("range", "")
    name = name if name in history.RANGES else "30d"
    return (*history.range_of(monitor, name, now), name)


def _date(text: str) -> Any:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and 2000 <= found.year <= 2100 else None


def _count(request: MemberRequest, monitor: Monitor) -> str:
    names = history.counts_of(monitor)
    asked = request.GET.get("count", "")
    return asked if asked in names else names[0]


@require_safe
def row(request: MemberRequest, monitor_id: UUID) -> HttpResponse:
    """One row of the list, for a page that listens."""
    can_edit = may(request, Role.EDITOR)
    context = {"monitor": monitor_of(request, monitor_id), "can_edit": can_edit}
    return render(request, "monitoring/_row.html", context)


@require_POST
def act(request: MemberRequest, monitor_id: UUID) -> HttpResponse:
    """Pause, resume, stop or archive."""
    monitor = monitor_of(request, monitor_id)
    require_role(request, Role.EDITOR)
    wanted = request.POST.get("act", "")
    if wanted in acts.ACTS:
        try:
            acts.act(wanted, monitor=monitor, by=request.user, now=timezone.now())
            messages.success(request, ENDED[wanted])
        except Problem as refused:
            messages.error(request, str(refused))
    return redirect(request, "monitoring:detail", monitor.uuid)


@require_POST
def change(request: MemberRequest, monitor_id: UUID) -> HttpResponse:
    """Another rhythm."""
    monitor = monitor_of(request, monitor_id)
    require_role(request, Role.EDITOR)
    form = RhythmForm(request.POST)
    if form.is_valid():
        try:
            acts.change(
                monitor=monitor, rhythm=form.rhythm(), by=request.user, now=timezone.now(),
                follows_posts=form.cleaned_data["follows_posts"],
            )  # fmt: skip
            messages.success(request, _("The rhythm was changed."))
            return redirect(request, "monitoring:detail", monitor.uuid)
        except Problem as refused:
            form.refuse(str(refused), refused.fields)
    return _detail(request, monitor, rhythm=form)


@require_POST
def add_note(request: MemberRequest, monitor_id: UUID) -> HttpResponse:
    """Remember something about a moment."""
    monitor = monitor_of(request, monitor_id)
    require_role(request, Role.EDITOR)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _detail(request, monitor, note=form)
    now = timezone.now()
    acts.note(
        monitor=monitor, at=form.cleaned_data["at"] or now, text=form.cleaned_data["text"], by=request.user, now=now
    )  # fmt: skip
    messages.success(request, _("The note was added."))
    return redirect(request, "monitoring:detail", monitor.uuid)


@require_POST
def remove_note(request: MemberRequest, monitor_id: UUID, note_id: UUID) -> HttpResponse:
    """Take a note away."""
    monitor = monitor_of(request, monitor_id)
    require_role(request, Role.EDITOR)
    notes = Note.objects.for_workspace(request.workspace).select_related("monitor__workspace")
    acts.forget_note(note=get_object_or_404(notes, monitor=monitor, pk=note_id), by=request.user, now=timezone.now())
    messages.success(request, _("The note was removed."))
    return redirect(request, "monitoring:detail", monitor.uuid)


@require_safe
def compare(request: MemberRequest) -> HttpResponse:
    """Up to four profiles on one chart."""
    now = timezone.now()
    search = request.GET.get("q", "")[: lists.LONGEST_SEARCH]
    chosen = lists.compared(request.workspace, uuids_in(request.GET.getlist("m")), COMPARED_MOST)
    offered = lists.comparable(request.workspace, search)
    name = request.GET.get("range", "")
    name = name if name in history.RANGES and name != "all" else "30d"
    count = _count(request, chosen[0]) if chosen else "followers"
    since, until = now - (history.RANGES[name] or timedelta(days=30)), now
    named = [(f"@{one.username}", history.between(one, since, until, now=now)) for one in chosen]
    context = {
        "choices": chosen + [one for one in offered.items if one not in chosen],
        "search": search,
        "has_more": bool(offered.next),
        "chosen": chosen,
        "count": count,
        "counts": charts.named(PROFILE_COUNTS),
        "ranges": [each for each in history.RANGES if each != "all"],
        "range": name,
        "drawing": together(named, count) if named else None,
        "told": charts.told_together(named, count),
        "rows": [(one, figures_of(one, now)) for one in chosen],
        "most": COMPARED_MOST,
    }
    return render_page(request, "monitoring/compare.html", context, partials={"compared": "monitoring/_compared.html"})
