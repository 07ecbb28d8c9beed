"""What changed on a list between any two of its scans."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import is_fragment, render_page
from igsite.text import whole_number
from scans import diffing, people, pictures
from scans.diffing import LossFilter, NotComparable
from scans.flag_changes import OPPOSITE
from scans.models import ChangeKind, Direction, EdgeList, ListScan, LossReason, LossState
from scans.views_account import account_of

PAGE = 30
#: A loss that was taken back, or that a rename explains, is no longer among the lost.
STATES = (LossState.MISSING, LossState.CONFIRMED)
REASONS = (LossReason.UNFOLLOWED, LossReason.UNAVAILABLE, LossReason.UNKNOWN)
UNCHECKED = "unchecked"


@require_safe
def changes_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """New, lost, returned and renamed between two chosen scans; the last two complete ones when none are chosen."""
    account = account_of(request, account_id)
    direction = Direction(request.GET["list"]) if request.GET.get("list") in Direction.values else Direction.FOLLOWERS
    context: dict[str, Any] = {
        "account": account,
        "section": "changes",
        "direction": direction,
        "directions": Direction,
    }
    edges = people.edge_list(account, direction)
    stored = diffing.comparable(edges) if edges is not None else []
    if edges is not None and len(stored) > 1:
        context |= _compared(request, edges, stored)
    context |= {"stored": stored, "edges": edges}
    partials = {f"more-{kind.value}": "scans/_changes_rows.html" for kind in ChangeKind}
    return render_page(request, "scans/changes.html", context, partials={**partials, "changes": "scans/_changes.html"})


def _compared(request: MemberRequest, edges: EdgeList, stored: list[ListScan]) -> dict[str, Any]:
    since, until = _pair(request, edges, stored)
    by_seq = {scan.seq: scan for scan in stored}
    found: dict[str, Any] = {"since": by_seq.get(since), "until": by_seq.get(until), "by_seq": by_seq}
    if found["since"] is None or found["until"] is None or since == until:
        return found | {"refused": _("Choose two different scans of this list.")}
    try:
        return found | _sections(request, edges, since, until)
    except NotComparable as refusal:
        return found | {"refused": str(refusal)}


def _pair(request: MemberRequest, edges: EdgeList, stored: list[ListScan]) -> tuple[int, int]:
    """The chosen scans, the older one first whatever their order; else the last two complete; else the last two."""
    chosen = [whole_number(request.GET.get(name, ""), digits=9) for name in ("since", "until")]
    match sorted(number for number in chosen if number is not None):
        case [since, until]:
            return since, until
    pair = diffing.default_pair(edges) or (stored[1], stored[0])
    return int(pair[0].seq or 0), int(pair[1].seq or 0)


def loss_filter(query: QueryDict) -> LossFilter:
    """Which losses are asked for."""
    state = next((one for one in STATES if one.value == query.get("state")), None)
    asked = query.get("reason", "")
    reason = next((one for one in REASONS if one.value == asked), None)
    return LossFilter(state, reason, unchecked=asked == UNCHECKED)


def _loss_filter(request: MemberRequest) -> tuple[LossFilter, dict[str, Any]]:
    """The same, and what the form shows."""
    chosen = loss_filter(request.GET)
    shown = {"loss_state": chosen.state, "loss_reason": UNCHECKED if chosen.unchecked else chosen.reason}
    return chosen, {**shown, "loss_states": STATES, "loss_reasons": REASONS}


def _sections(request: MemberRequest, edges: EdgeList, since: int, until: int) -> dict[str, Any]:
    """The four kinds with their counts, or only the one that reads on."""
    reading_on = {f"more-{kind.value}": kind for kind in ChangeKind}
    only = reading_on.get(request.htmx.target or "") if is_fragment(request) else None
    chosen, words = _loss_filter(request)
    sections = {
        kind: diffing.changes(
            edges, kind, since=since, until=until, cursor=request.GET.get(f"after_{kind.value}", ""), limit=PAGE,
            losses=chosen,
        )
        for kind in ([only] if only else list(ChangeKind))
    }  # fmt: skip
    kept = pictures.ask(change.person.profile_id for page in sections.values() for change in page.items)
    if only:
        return {"kind": only, "page": sections[only], "pictures": kept}
    counts = diffing.count_changes(edges, since=since, until=until)
    return {
        "counts": counts,
        "pictures": kept,
        "cap": diffing.COUNT_CAP,
        "sections": [
            (kind, getattr(counts, kind.value), page)
            for kind, page in sections.items()
            if kind not in OPPOSITE or page.items
        ],
        **words,
        "before_baseline": edges.baseline_seq is None or since < edges.baseline_seq,
    }
