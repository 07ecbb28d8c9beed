"""Monitors over the API: what the pages show and do, by the same functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import AwareDatetime, BeforeValidator, Field, StrictBool

from accounts.member_request import MemberRequest
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import API_MAX
from igsite.problems import Invalid
from igsite.schemas import Body, PageOut
from monitoring import acts, due_times, exchange, figures_of, history, lists
from monitoring.api_shapes import GapOut, IntervalText, answers
from monitoring.models import Monitor, MonitorKind, MonitorState, Note
from monitoring.targets import target_in

router = Router()
Limit = Annotated[int, Field(ge=1, le=API_MAX)]
_HOURS: Final = {"active_from": "opens", "active_until": "closes"}


def _as_text(value: object) -> object:
    """A number would be taken for seconds after midnight, which the document does not offer."""
    if isinstance(value, int | float):
        raise ValueError("a time of day as text is needed, like 08:00")
    return value


ClockTime = Annotated[time, BeforeValidator(_as_text)]


class MonitorOut(Schema):
    """A monitor. `latest` are the counts by name; null: the source gave none."""

    id: UUID = Field(validation_alias="uuid")
    kind: MonitorKind
    username: str
    code: str = Field(description="A post's short code; empty for a profile.")
    state: MonitorState
    interval_seconds: int
    jitter_percent: int
    is_spread: bool
    active_from: time | None
    active_until: time | None
    follows_posts: bool
    due_at: datetime
    checked_at: datetime | None
    latest: dict[str, int | None]
    facts: dict[str, str]
    trouble: str
    created_at: datetime


class RhythmIn(Body):
    """How often to measure, and when."""

    interval: IntervalText | None = None
    jitter_percent: int | None = Field(None, ge=0, le=50, strict=True)
    is_spread: StrictBool | None = Field(
        None, description="At its own place in the interval; else slots count from now."
    )
    active_from: ClockTime | None = None
    active_until: ClockTime | None = None
    follows_posts: StrictBool | None = None


class MonitorIn(RhythmIn):
    """A monitor to make."""

    target: str = Field(min_length=1, max_length=2_000, description="@name, or the address of a profile or a post.")
    interval: IntervalText = "1h"


class ActIn(RhythmIn):
    """The same act for many. `rhythm` changes what of it is given, and leaves each one the rest; so does `interval`."""

    act: Literal["pause", "resume", "stop", "archive", "rhythm", "interval"]
    monitor_ids: list[UUID] = Field(min_length=1, max_length=acts.BULK_MOST)


class ActOut(Schema):
    """How many were done, and how many had ended and stayed as they were."""

    done: int
    refused: int


class PointOut(Schema):
    """The counts at one time."""

    at: datetime
    counts: dict[str, int | None]


class MarkOut(Schema):
    """Something that happened: a post, a scan, a note or a changed fact."""

    at: datetime
    kind: str
    text: str
    reference: str
    detail: str


class ChartOut(Schema):
    """A history of at most 300 points, with its gaps and what happened in it."""

    since: datetime
    until: datetime
    points: list[PointOut]
    gaps: list[GapOut]
    marks: list[MarkOut]


class HourOut(Schema):
    """An hour of the day and the mean engagement of the posts made in it, in percent."""

    hour: int
    rate: float
    posts: int


class FiguresOut(Schema):
    """Derived figures; null where too little is known. Growth is a day's, over 1, 7 and 30 days; rates in percent."""

    growth_day: float | None
    growth_week: float | None
    growth_month: float | None
    engagement: float | None
    ratio: float | None
    posts_a_week: float | None
    best_hours: list[HourOut]


class NoteIn(Body):
    """A note on a moment; without `at` on now."""

    text: str = Field(min_length=1, max_length=300)
    at: AwareDatetime | None = None


class NoteOut(Schema):
    """A note."""

    id: UUID
    at: datetime
    text: str


class RefusedOut(Schema):
    """A row that could not be used."""

    row: int
    text: str
    why: str


class ReportOut(Schema):
    """What became of a file's rows; `refused` are the first hundred of `refused_count`."""

    made: int
    known: int
    refused_count: int
    refused: list[RefusedOut]


@router.get("", response=answers(PageOut[MonitorOut]), url_name="monitors")
def listing(
    request: MemberRequest, q: Annotated[str, Field(max_length=64)] = "", state: MonitorState | None = None,
    kind: MonitorKind | None = None, cursor: str = "", limit: Limit = 50,
) -> Any:  # fmt: skip
    """The workspace's monitors, newest first; without `state` those that are not archived."""
    page = lists.page(
        request.workspace, search=q, state=state or "", kind=kind or "", cursor=cursor, limit=limit
    )  # fmt: skip
    return {"items": list(page.items), "next": page.next}


@router.post("", response=answers(MonitorOut, 201), url_name="monitors_add")
@idempotent
def create(request: MemberRequest, payload: MonitorIn) -> Any:
    """Start monitoring. 409 while the target is monitored already; a stopped one goes on with its history."""
    require_role(request, Role.EDITOR)
    rhythm = acts.Rhythm(
        _seconds(payload.interval), payload.jitter_percent or 0, payload.is_spread is not False, payload.active_from,
        payload.active_until,
    )  # fmt: skip
    monitor = acts.create(
        workspace=request.workspace, target=target_in(payload.target), rhythm=rhythm, by=request.user,
        now=timezone.now(), follows_posts=bool(payload.follows_posts),
    )  # fmt: skip
    return Status(201, MonitorOut.from_orm(monitor))


@router.post("/acts", response=answers(ActOut), url_name="monitors_acts")
def act(request: MemberRequest, payload: ActIn) -> Any:
    """Pause, resume, stop, archive, or another rhythm, for many."""
    require_role(request, Role.EDITOR)
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace")
    found = list(mine.filter(uuid__in=payload.monitor_ids))
    done, refused = acts.bulk(
        monitors=found, act=acts.RHYTHM if payload.act == "interval" else payload.act, by=request.user,
        now=timezone.now(), rhythm=_given(payload), follows_posts=payload.follows_posts,
    )  # fmt: skip
    return {"done": done, "refused": refused}


@router.post("/import", response=answers(ReportOut), url_name="monitors_import")
def import_file(request: MemberRequest, file: Annotated[UploadedFile | None, File()] = None) -> Any:
    """A CSV or XLSX file with a column `target`, and if wanted `interval` and `follow_posts`. 422 without a file."""
    require_role(request, Role.EDITOR)
    if file is None:  # asked for here and not by the signature: the role comes first
        raise exchange.UnreadableFile(_("Choose a .csv or .xlsx file."))
    report = exchange.import_file(workspace=request.workspace, upload=file, by=request.user, now=timezone.now())
    refused = [{"row": row, "text": text, "why": why} for row, text, why in report.refused]
    return {"made": report.made, "known": report.known, "refused_count": report.refused_count, "refused": refused}


@router.get("/{monitor_id}", response=answers(MonitorOut), url_name="monitor")
def detail(request: MemberRequest, monitor_id: UUID) -> Monitor:
    """One monitor."""
    return _find(request, monitor_id)


@router.patch("/{monitor_id}", response=answers(MonitorOut), url_name="monitor_change")
def change(request: MemberRequest, monitor_id: UUID, payload: RhythmIn) -> Monitor:
    """Another rhythm; what is not given stays."""
    monitor = _find(request, monitor_id)
    require_role(request, Role.EDITOR)
    rhythm = replace(acts.rhythm_of(monitor), **_given(payload))
    acts.change(
        monitor=monitor, rhythm=rhythm, by=request.user, now=timezone.now(), follows_posts=payload.follows_posts
    )  # fmt: skip
    return _find(request, monitor_id)


@router.get("/{monitor_id}/chart", response=answers(ChartOut), url_name="monitor_chart")
def chart(
    request: MemberRequest, monitor_id: UUID, since: AwareDatetime | None = None, until: AwareDatetime | None = None,
    points: Annotated[int, Field(ge=10, le=history.POINTS)] = history.POINTS,
) -> Any:  # fmt: skip
    """The history between two times, by default the last thirty days, in at most `points` points."""
    monitor, now = _find(request, monitor_id), timezone.now()
    end = _moment("until", until or now)
    begin = _moment("since", since or end - timedelta(days=30))
    if not begin < end:
        raise Invalid(_("“since” must lie before “until”."), fields={"since": [_("It must lie before “until”.")]})
    told = history.between(monitor, begin, end, now=now, points=points)
    marks = history.marks_between(monitor, begin, end)
    return {"since": begin, "until": end, "points": told.points, "gaps": told.gaps, "marks": marks}


@router.get("/{monitor_id}/figures", response=answers(FiguresOut), url_name="monitor_figures")
def figures(request: MemberRequest, monitor_id: UUID) -> Any:
    """The derived figures."""
    return figures_of.figures_of(_find(request, monitor_id), timezone.now())


@router.post("/{monitor_id}/notes", response=answers(NoteOut, 201), url_name="monitor_notes")
@idempotent
def add_note(request: MemberRequest, monitor_id: UUID, payload: NoteIn) -> Any:
    """Remember something about a moment."""
    monitor, now = _find(request, monitor_id), timezone.now()
    require_role(request, Role.EDITOR)
    at = _moment("at", payload.at or now)
    note = acts.note(monitor=monitor, at=at, text=payload.text, by=request.user, now=now)
    return Status(201, NoteOut.from_orm(note))


@router.delete("/{monitor_id}/notes/{note_id}", response=answers(None, 204), url_name="monitor_note_remove")
def remove_note(request: MemberRequest, monitor_id: UUID, note_id: UUID) -> Any:
    """Take a note away."""
    monitor = _find(request, monitor_id)
    require_role(request, Role.EDITOR)
    notes = Note.objects.for_workspace(request.workspace).select_related("monitor__workspace")
    note = get_object_or_404(notes, monitor=monitor, pk=note_id)
    acts.forget_note(note=note, by=request.user, now=timezone.now())
    return Status(204, None)


def _moment(field: str, at: datetime) -> datetime:
    """``at``, if a history can reach it."""
    if not history.EARLIEST <= at <= history.LATEST:
        sentence = _("Give a time between the years 2000 and 2100.")
        raise Invalid(sentence, fields={field: [sentence]})
    return at


def _find(request: MemberRequest, monitor_id: UUID) -> Monitor:
    mine = Monitor.objects.for_workspace(request.workspace).select_related("workspace", "parent")
    return get_object_or_404(mine, uuid=monitor_id)


def _given(payload: RhythmIn) -> dict[str, Any]:
    """What of a rhythm was given, by the fields of :class:`monitoring.acts.Rhythm`. Hours may be given as null."""
    given = payload.dict(exclude_unset=True)
    changes = {field: given[name] for name, field in _HOURS.items() if name in given}
    if given.get("interval"):
        changes["interval_seconds"] = _seconds(given["interval"])
    changes |= {name: given[name] for name in ("jitter_percent", "is_spread") if given.get(name) is not None}
    return changes


def _seconds(interval: str) -> int:
    """The pattern of the input has seen to it that there are some; their range is the domain's business."""
    return due_times.seconds_of(interval) or 0
