"""Searches and whom they found, as pages and the API show them: keyset-paged, constant in queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import Profile, Workspace
from automation.models import Candidate, DiscoverySearch
from igsite.paging import Page, page_of


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate with the person."""

    row: Candidate
    person: Profile | None

    @property
    def percent(self) -> int | None:
        """Whole percent; None while nothing is worked out."""
        return round(100 * self.row.probability) if self.row.probability >= 0 else None


def searches(workspace: Workspace, *, cursor: str = "", limit: int = 50) -> Page[DiscoverySearch]:
    """The searches, the newest first."""
    mine = DiscoverySearch.objects.for_workspace(workspace).select_related("login")
    return page_of(mine, name="discovery", order=("-created_at", "-id"), cursor=cursor, limit=limit)


def candidates(search: DiscoverySearch, *, cursor: str = "", limit: int = 50) -> Page[Found]:
    """The likeliest first; of the equally likely those on more lists."""
    mine = Candidate.objects.for_workspace(search.workspace_id).filter(search=search)
    order = ("-probability", "-lists", "-target_pk")
    page = page_of(mine, name=f"candidates-{search.pk}", order=order, cursor=cursor, limit=limit)
    people = Profile.objects.in_bulk([row.target_pk for row in page.items])
    return Page([Found(row, people.get(row.target_pk)) for row in page.items], page.next)


def left_out(search: DiscoverySearch) -> list[tuple[str, int]]:
    """Who was left out, in words."""
    words = {
        "safelist": _("on a safelist"),
        "you_follow": _("you follow them already"),
        "follows_you": _("they follow you already"),
        "private": _("private accounts"),
        "size": _("too small or too large"),
        "not_accessible": _("not known here"),
    }
    return [(words[why], count) for why, count in sorted(search.left_out.items()) if why in words]
