"""An account's history: a list over its scans, and the list as it was at any of them."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.figures import number
from igsite.htmx import render_page
from igsite.text import whole_number
from scans import diffing, history, people, pictures
from scans.history_drawing import drawing
from scans.models import Direction, EdgeList
from scans.views_account import account_of

PAGE = 60


@require_safe
def history_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """The chart of one list and the table that says the same."""
    account = account_of(request, account_id)
    direction = _direction(request)
    moments = history.moments(account, direction)
    context: dict[str, Any] = {
        "account": account,
        "section": "history",
        "direction": direction,
        "directions": Direction,
        "moments": moments,
        "newest_first": moments[::-1],
        "drawing": drawing(moments),
        "told": _told(moments),
        "plot": _plot(moments),
    }
    return render_page(request, "scans/history.html", context, partials={"history": "scans/_history.html"})


@require_safe
def people_at_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """The list as it was after a scan (``?at=`` its number) or at the end of a date (``?at=2026-11-21``)."""
    account = account_of(request, account_id)
    direction = _direction(request)
    edges = people.edge_list(account, direction)
    asked = request.GET.get("at", "")[:20]
    seq = _seq(edges, asked) if edges is not None else None
    context: dict[str, Any] = {
        "account": account,
        "section": "history",
        "direction": direction,
        "directions": Direction,
        "at": asked,
        "date": parse_date_or_none(asked),
    }
    if edges is not None and seq is not None:
        page = diffing.people_at(edges, seq=seq, cursor=request.GET.get("cursor", ""), limit=PAGE)
        context |= {
            "page": page,
            "scan": edges.scans.filter(seq=seq).select_related("scan").first(),
            "pictures": pictures.ask(row.profile_id for row in page.items),
        }
    return render_page(request, "scans/people_at.html", context, partials={"more-rows": "scans/_people_grid.html"})


def seq_asked(account: TrackedAccount, direction: Direction, asked: str) -> tuple[EdgeList | None, int | None]:
    """The list and the number of the scan that ``asked`` means; None where there is none."""
    edges = people.edge_list(account, direction)
    return edges, _seq(edges, asked) if edges is not None else None


def _seq(edges: EdgeList, asked: str) -> int | None:
    """A scan's number as given; for a date that of the last scan by its end in the reader's zone."""
    number = whole_number(asked, digits=9)
    if number is not None:
        return number if 1 <= number <= edges.last_seq else None
    day = parse_date_or_none(asked)
    if day is None:
        return None
    end = datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())
    return diffing.seq_at(edges, end)


def parse_date_or_none(text: str) -> Any:
    """A date, None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _direction(request: MemberRequest) -> Direction:
    asked = request.GET.get("list")
    return Direction(asked) if asked in Direction.values else Direction.FOLLOWERS


def _plot(moments: list[history.Moment]) -> str:
    """The figures of the chart that can be zoomed, as JSON: columns by scan, and the words that it needs."""
    scans = [
        [int(one.at.timestamp()) for one in moments],
        [one.claimed for one in moments],
        [one.stored for one in moments],
        [one.scan.new_count + one.scan.returned_count if one.scan.seq else 0 for one in moments],
        [-one.scan.lost_count for one in moments],
    ]
    words = {"stored": _("stored"), "claimed": _("as the profile claims")}
    words |= {one.scan.state: one.scan.get_state_display() for one in moments}
    return json.dumps({"scans": scans, "states": [one.scan.state for one in moments], "words": words}, default=str)


def _told(moments: list[history.Moment]) -> str:
    """The chart in a sentence."""
    stored = [one.stored for one in moments if one.stored is not None]
    if not stored:
        return ""
    partial = sum(not one.is_whole for one in moments)
    values = {
        "count": len(moments), "first": number(stored[0]), "last": number(stored[-1]), "partial": number(partial),
    }  # fmt: skip
    return _("%(count)d scans, from %(first)s to %(last)s people stored; %(partial)s not complete") % values
