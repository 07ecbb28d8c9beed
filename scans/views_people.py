"""Who is on an account's lists, with what each list rests on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import render_page
from scans import people, pictures
from scans.people import PeopleList, PeopleSort, Reading
from scans.views_account import account_of

PAGE = 60


@require_safe
def people_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """One of the five lists: searched, sorted, as a grid or a table, read on while one scrolls."""
    account = account_of(request, account_id)
    which = _chosen(PeopleList, request.GET.get("list"), PeopleList.FOLLOWERS)
    sort = _chosen(PeopleSort, request.GET.get("sort"), PeopleSort.NAME)
    search = request.GET.get("q", "").strip()
    cursor = request.GET.get("cursor", "")
    readings = people.readings(account, which)
    page = people.people(account, which, search=search, sort=sort, cursor=cursor, limit=PAGE)
    context: dict[str, Any] = {
        "account": account,
        "section": "people",
        "which": which,
        "sort": sort,
        "sorts": PeopleSort,
        "q": search,
        "look": "table" if request.GET.get("look") == "table" else "grid",
        "readings": readings,
        "page": page,
        "pictures": pictures.ask(row.profile_id for row in page.items),
        "fresh_seq": _fresh_seq(readings, which),
    }
    if not cursor:
        counts = people.counts(account)
        context["tabs"] = [(one, getattr(counts, one.value)) for one in PeopleList]
    partials = {"people-panel": "scans/_people_panel.html", "people-list": "scans/_people_list.html"}
    rows = "scans/_people_rows.html" if context["look"] == "table" else "scans/_people_grid.html"
    return render_page(request, "scans/people.html", context, partials={**partials, "more-rows": rows})


def _chosen(kind: Any, value: str | None, default: Any) -> Any:
    return kind(value) if value in kind.values else default


def _fresh_seq(readings: list[Reading], which: PeopleList) -> int | None:
    """The number of the list's last scan when whoever it opened is new; None for the baseline and for mixed lists."""
    if which == PeopleList.MUTUALS:
        return None
    walked = readings[-1] if which == PeopleList.DONT_FOLLOW_BACK else readings[0]
    if walked.latest is None or walked.latest.seq is None:
        return None
    edges = walked.latest.edge_list
    is_after_baseline = edges.baseline_seq is not None and walked.latest.seq > edges.baseline_seq
    return walked.latest.seq if is_after_baseline else None
