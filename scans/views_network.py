"""How accounts lie to each other: the workspace's overlaps and shares, one account's network."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from accounts.models import TrackedAccount
from igsite.htmx import render_page
from igsite.paging import Page
from igsite.text import whole_number
from scans import behaviour, bitmaps, network, overlaps, pictures
from scans.behaviour import Behaviour
from scans.list_stands import readings_of
from scans.models import Direction
from scans.network import Scope
from scans.network_drawing import drawing, grouped
from scans.views_account import account_of

#: Rows of the table beside the drawing.
PAGE = 100


@require_safe
def overlaps_page(request: MemberRequest) -> HttpResponse:
    """Which accounts share how many people, and how up to three of them follow."""
    direction = _one_of(Direction, request.GET.get("list"), Direction.FOLLOWERS)
    candidates = overlaps.candidates(request.workspace, direction)
    chosen = _chosen(candidates, request.GET.getlist("account")) or candidates[: overlaps.MOST]
    matrix = overlaps.matrix(request.workspace, direction, chosen)
    if matrix.is_behind:
        bitmaps.order_missing(request.workspace, [account.pk for account in chosen])
    context = {
        "direction": direction,
        "directions": Direction,
        "candidates": candidates,
        "chosen": {account.pk for account in chosen},
        "is_chosen": len(chosen) < min(len(candidates), overlaps.MOST),
        "most": overlaps.MOST,
        "matrix": matrix,
        **_compared(request, candidates, candidates[: behaviour.MOST]),
    }
    partials = {"overlaps": "scans/_overlaps.html", "behaviour": "scans/_behaviour.html"}
    return render_page(request, "scans/overlaps.html", context, partials=partials)


@require_safe
def network_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """One account's network: the drawing, the table that says the same, and its shares beside those of two others."""
    account = account_of(request, account_id)
    scope = _scope(request)
    found = network.network(account, scope)
    if found.is_behind:
        bitmaps.order_missing(request.workspace, [account.pk, *(hub.pk for hub in found.hubs)])
    readings = readings_of(request.workspace, [account.pk, *(hub.pk for hub in found.hubs)])
    groups, numbers = grouped(found)
    page = _rows(request, found, [groups[number] for number in numbers])
    others = [each for each in overlaps.candidates(request.workspace, Direction.FOLLOWERS) if each.pk != account.pk]
    context = {
        "account": account,
        "section": "network",
        "scope": scope,
        "scopes": Scope,
        "network": found,
        "groups": groups,
        "readings": list(readings.pop(account.pk).values()),
        "hub_readings": [(hub, readings[hub.pk].values()) for hub in found.hubs[1:]],
        "page": page,
        "pictures": pictures.ask(node.profile_id for node, _group, _ties in page.items),
        **_compared(request, others, [], first=account),
    }
    partials = {"more-rows": "scans/_network_rows.html", "behaviour": "scans/_behaviour.html"}
    return render_page(request, "scans/network.html", context, partials=partials)


@require_safe
def network_json(request: MemberRequest, account_id: UUID) -> JsonResponse:
    """What the drawing is made of."""
    found = network.network(account_of(request, account_id), _scope(request))
    return JsonResponse(drawing(found), headers={"Cache-Control": "private, no-store"})


def _rows(request: MemberRequest, found: network.Network, groups: list[Any]) -> Page[tuple[Any, Any, Any]]:
    """A part of the at most 2,000 rows, by position."""
    start = whole_number(request.GET.get("cursor", ""), digits=5) or 0
    shown = list(zip(found.nodes, groups, strict=True))[start : start + PAGE]
    rows = [(node, group, [(tie, found.hubs[tie.hub]) for tie in node.ties]) for node, group in shown]
    more = start + PAGE < len(found.nodes)
    return Page(rows, str(start + PAGE) if more else "")


def _compared(
    request: MemberRequest, candidates: list[TrackedAccount], default: list[TrackedAccount], *,
    first: TrackedAccount | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The spider chart: ``first`` always, then the accounts chosen as ``with``; two or three choices beside it."""
    asked = request.GET.getlist("with")[: behaviour.MOST]
    accounts = [account for each in asked for account in _chosen(candidates, [each])] if asked else default
    compared = list(dict.fromkeys([first, *accounts] if first else accounts))[: behaviour.MOST]
    found = behaviour.behaviours(request.workspace, compared)
    slots = behaviour.MOST - (1 if first else 0)
    others = [account for account in compared if account != first]
    return {
        "behaviours": found,
        "share_rows": [
            (axis.label, axis.meaning, [one.shares[i] for one in found]) for i, axis in enumerate(behaviour.AXES)
        ],
        "labels": [str(axis.label) for axis in behaviour.AXES],
        "series": _series(found),
        "with_candidates": candidates,
        "with_slots": [others[i] if i < len(others) else None for i in range(slots)],
    }


def _series(found: list[Behaviour]) -> list[tuple[str, list[float]]]:
    return [(_("@%(name)s") % {"name": one.account.username}, one.percents) for one in found if one.is_drawable]


def _scope(request: MemberRequest) -> Scope:
    scope: Scope = _one_of(Scope, request.GET.get("scope"), Scope.MUTUALS)
    return scope


def _one_of(kind: Any, value: str | None, default: Any) -> Any:
    return kind(value) if value in kind.values else default


def _chosen(candidates: list[TrackedAccount], ids: list[str]) -> list[TrackedAccount]:
    """Those of the candidates whose id was asked for; anything else is not there."""
    return [account for account in candidates if str(account.pk) in ids]
