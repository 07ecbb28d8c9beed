"""Who is on an account's lists, with what each list rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.member_request import MemberRequest
from igsite.htmx import is_fragment, render_page
from scans import follow_dates, people, pictures, saved_filters, source_changes
from scans.models import ListScan
from scans.people import PeopleList, PeopleSort, Reading, Standing, Trait
from scans.people_choice import READ_LISTS
from scans.person_rows import PersonRow
from scans.views_account import account_of

PAGE = 60


@require_safe
def people_page(request: MemberRequest, account_id: UUID) -> HttpResponse:
    """One of the five lists: searched, sorted, as a grid or a table, read on while one scrolls."""
    account = account_of(request, account_id)
    if request.GET.get("at"):
        return redirect(f"{reverse('account:people-at', args=[account.pk])}?{request.GET.urlencode()}")
    which = _chosen(PeopleList, request.GET.get("list"), PeopleList.FOLLOWERS)
    sort = _chosen(PeopleSort, request.GET.get("sort"), PeopleSort.NAME)
    cursor = request.GET.get("cursor", "")
    chosen = choice_of(request.GET, which)
    if _asks_for_count(request):
        return render(request, "scans/_people_count.html", {"count": people.count(account, which, **chosen)})
    readings = people.readings(account, which)
    page = people.people(account, which, sort=sort, cursor=cursor, limit=PAGE, **chosen)
    fresh = _fresh(readings, which)
    context: dict[str, Any] = {
        "account": account,
        "section": "people",
        "which": which,
        "sort": sort,
        "sorts": PeopleSort,
        "q": chosen["search"],
        "standing": chosen["standing"],
        "standings": Standing if which in READ_LISTS else (Standing.ALL, Standing.NEW),
        "traits": Trait,
        "trait": next(iter(chosen["traits"]), ""),
        "is_narrowed": any(chosen.values()),
        "look": "table" if request.GET.get("look") == "table" else "grid",
        "readings": readings,
        "page": page,
        "pictures": pictures.ask(row.profile_id for row in page.items),
        "fresh_seq": fresh.seq if fresh else None,
        "shown_again": _shown_again(fresh, page.items),
        "dates": follow_dates.of(account, (row.profile_id for row in page.items)),
    }
    if not cursor:
        counts = people.counts(account)
        context["saved"] = saved_filters.visible(request.workspace, request.user)
        context["tabs"] = [(one, getattr(counts, one.value)) for one in PeopleList]
    partials = {"people-panel": "scans/_people_panel.html", "people-list": "scans/_people_list.html"}
    rows = "scans/_people_rows.html" if context["look"] == "table" else "scans/_people_grid.html"
    return render_page(request, "scans/people.html", context, partials={**partials, "more-rows": rows})


def choice_of(query: QueryDict, which: PeopleList) -> dict[str, Any]:
    """Whom to show, as :func:`scans.people.people` takes it. Losses are told of lists that are read only."""
    standing = _chosen(Standing, query.get("only"), Standing.ALL)
    if standing == Standing.LOST and which not in READ_LISTS:
        standing = Standing.ALL
    trait = _chosen(Trait, query.get("trait"), None)
    return {
        "search": query.get("q", "").strip(),
        "standing": standing,
        "traits": frozenset([trait] if trait else []),
    }


def _asks_for_count(request: MemberRequest) -> bool:
    return is_fragment(request) and request.htmx.target == "people-count"


def _chosen(kind: Any, value: str | None, default: Any) -> Any:
    return kind(value) if value in kind.values else default


def _fresh(readings: list[Reading], which: PeopleList) -> ListScan | None:
    """The list's last scan when whoever it opened is new; None for the baseline and for mixed lists."""
    if which == PeopleList.MUTUALS:
        return None
    walked = readings[-1] if which == PeopleList.DONT_FOLLOW_BACK else readings[0]
    if walked.latest is None or walked.latest.seq is None:
        return None
    edges = walked.latest.edge_list
    is_after_baseline = edges.baseline_seq is not None and walked.latest.seq > edges.baseline_seq
    return walked.latest if is_after_baseline and walked.latest.seq != edges.source_since else None


def _shown_again(fresh: ListScan | None, rows: Sequence[PersonRow]) -> set[int]:
    """Of those who came anew with the last scan and had been there before, whom nobody saw leave."""
    if fresh is None:
        return set()
    back = [row.profile_id for row in rows if row.first_seen_seq < row.since_seq == fresh.seq]
    return source_changes.shown_again(fresh.edge_list, back) if back else set()
