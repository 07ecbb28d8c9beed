"""Comparisons of followers, and reports of ghost followers, over the API."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from automation import compare, ghosts, lookups, naming
from automation.api import answers, login_of, looked_up
from automation.api_shapes import Limit, LookUpOut, Words
from automation.models import ComparedAccount, ComparedPair, Comparison, GhostReport, ListReading, Side
from automation.words import words_of_odd, words_of_strangers
from igsite.idempotency import idempotent
from igsite.ownership import Role, require_role
from igsite.paging import page_of
from igsite.problems import Invalid
from igsite.schemas import Body, PageOut

router = Router()
ghosts_router = Router()


class CompareIn(Body):
    """Which of `right` follow each of `left`: "@name", address or number. `login_id` reads what is not stored,
    and looks up whom nobody here knows."""

    left: list[Words] = Field(min_length=1, max_length=compare.MOST_LEFT)
    right: list[Words] = Field(min_length=1, max_length=compare.MOST_RIGHT)
    login_id: UUID | None = None


class ComparisonOut(Schema):
    """A comparison. `ended_at` is set when nothing is left to read."""

    id: UUID
    job_id: UUID | None
    left_count: int
    right_count: int
    created_at: datetime
    ended_at: datetime | None


class LeftOut(Schema):
    """A left account. `followed_by` are right ones who follow it; the others do not only if `reading` is complete."""

    pk: int
    username: str
    reading: ListReading
    seen: int
    as_of: datetime | None
    note: str
    followed_by: list[int]


class AnswerOut(Schema):
    """A comparison with its answers; `right` are all who were looked for."""

    comparison: ComparisonOut
    left: list[LeftOut]
    right: list[int]


class GhostsIn(Body):
    """A report over the newest posts of a tracked account."""

    account_id: UUID
    login_id: UUID
    posts: int = Field(12, ge=1, le=ghosts.MOST_POSTS)


class GhostReportOut(Schema):
    """A report and how much of what the posts claim was seen."""

    id: UUID
    account_id: UUID
    job_id: UUID | None
    posts: int
    unreadable: int
    likes: int
    likers_seen: int
    comments: int
    comments_seen: int
    created_at: datetime
    ended_at: datetime | None


class GhostOut(Schema):
    """A follower who was seen nowhere."""

    pk: int
    username: str
    full_name: str


@router.post("/prepare", response=answers(ComparisonOut | LookUpOut, 202), url_name="compare_prepare")
@idempotent
def prepare(request: MemberRequest, payload: CompareIn) -> Any:
    """A comparison: from stored lists at once, what is not stored by a job.

    Whom nobody here knows is looked up by `login_id` first: the answer names that job, whose result names the
    `comparison`. Without a login they are named, and nothing is compared (422).
    """
    require_role(request, Role.EDITOR)
    login = login_of(request, payload.login_id) if payload.login_id else None
    sides = {Side.LEFT: _side(request, "left", payload.left), Side.RIGHT: _side(request, "right", payload.right)}
    order: dict[str, Any] = {"workspace": request.workspace, "by": request.user, "now": timezone.now()}
    unknown = [one for side in sides.values() for one in side.unknown]
    if unknown and login is None:
        strangers = {side.value: resolved.unknown for side, resolved in sides.items()}
        raise naming.UnknownPeople(words_of_strangers(unknown), strangers)
    if unknown and login is not None:
        return looked_up(lookups.order_comparison(**order, login=login, sides=sides), unknown)
    lefts, rights = (list(sides[side].known) for side in (Side.LEFT, Side.RIGHT))
    return Status(202, _told(compare.prepare(**order, login=login, lefts=lefts, rights=rights)))


@router.get("", response=answers(PageOut[ComparisonOut]), url_name="comparisons")
def listing(request: MemberRequest, cursor: str = "", limit: Limit = 50) -> Any:
    """Former comparisons, the newest first."""
    mine = Comparison.objects.for_workspace(request.workspace)
    page = page_of(mine, name="api-comparisons", order=("-created_at", "-id"), cursor=cursor, limit=limit)
    return {"items": [_told(one) for one in page.items], "next": page.next}


@router.get("/{comparison_id}", response=answers(AnswerOut), url_name="comparison")
def detail(request: MemberRequest, comparison_id: UUID) -> Any:
    """One with its answers, as far as they are known."""
    found = get_object_or_404(Comparison.objects.for_workspace(request.workspace), pk=comparison_id)
    followers: dict[int, list[int]] = defaultdict(list)
    pairs = ComparedPair.objects.for_workspace(request.workspace).filter(comparison=found).order_by("right_pk")
    for left_pk, right_pk in pairs.values_list("left_pk", "right_pk"):
        followers[left_pk].append(right_pk)
    left = [
        {
            "pk": one.target_pk, "username": one.username, "reading": one.reading, "seen": one.seen,
            "as_of": one.as_of, "note": one.note, "followed_by": followers[one.target_pk],
        }
        for one in compare.left_of(found)
    ]  # fmt: skip
    rights = ComparedAccount.objects.for_workspace(request.workspace).filter(comparison=found, side=Side.RIGHT)
    right = list(rights.order_by("position").values_list("target_pk", flat=True)[: compare.MOST_RIGHT])
    return {"comparison": _told(found), "left": left, "right": right}


@ghosts_router.post("", response=answers(GhostReportOut, 202), url_name="ghosts_order")
@idempotent
def order(request: MemberRequest, payload: GhostsIn) -> Any:
    """Look for followers who neither liked nor commented on the newest posts."""
    require_role(request, Role.EDITOR)
    mine = TrackedAccount.objects.for_workspace(request.workspace).select_related("workspace")
    account = get_object_or_404(mine, pk=payload.account_id)
    report = ghosts.order(
        account=account, login=login_of(request, payload.login_id), posts=payload.posts, by=request.user,
        now=timezone.now(),
    )  # fmt: skip
    return Status(202, _report(report))


@ghosts_router.get("/{report_id}", response=answers(GhostReportOut), url_name="ghosts_report")
def report(request: MemberRequest, report_id: UUID) -> Any:
    """One report."""
    return _report(_find(request, report_id))


@ghosts_router.get("/{report_id}/people", response=answers(PageOut[GhostOut]), url_name="ghosts_people")
def people(request: MemberRequest, report_id: UUID, cursor: str = "", limit: Limit = 100) -> Any:
    """Who was seen nowhere."""
    page = ghosts.page(_find(request, report_id), cursor=cursor, limit=limit)
    return {"items": list(page.items), "next": page.next}


def _find(request: MemberRequest, report_id: UUID) -> GhostReport:
    mine = GhostReport.objects.for_workspace(request.workspace).select_related("account")
    return get_object_or_404(mine, pk=report_id)


def _side(request: MemberRequest, side: str, words: list[str]) -> naming.Resolved:
    reading = naming.read_words(words)
    if reading.odd:
        raise Invalid(words_of_odd(reading.odd), fields={side: reading.odd[:20]})
    return naming.resolve(request.workspace, reading.people)


def _told(found: Comparison) -> dict[str, Any]:
    return {
        "id": found.pk, "job_id": found.job_uuid, "left_count": found.left_count,
        "right_count": found.right_count, "created_at": found.created_at, "ended_at": found.ended_at,
    }  # fmt: skip


def _report(found: GhostReport) -> dict[str, Any]:
    seen = ghosts.coverage(found)
    return {
        "id": found.pk, "account_id": found.account_id, "job_id": found.job_uuid, "posts": seen.posts,
        "unreadable": seen.unreadable, "likes": seen.likes, "likers_seen": seen.likers_seen,
        "comments": seen.comments, "comments_seen": seen.comments_seen, "created_at": found.created_at,
        "ended_at": found.ended_at,
    }  # fmt: skip
