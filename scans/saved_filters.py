"""Filters of people under a name: one's own, and those that members share. They fit every account of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from igsite.audit import record
from igsite.problems import Invalid
from igsite.text import clean_text
from scans.models import SavedFilter
from scans.people_choice import PeopleList, PeopleSort, Standing, Trait

MOST: Final = 50
LONGEST: Final = 60
_CHOICES: Final[dict[str, Any]] = {"list": PeopleList, "only": Standing, "trait": Trait, "sort": PeopleSort}


class InvalidFilter(Invalid):
    """It cannot be kept: no name, or too many are kept. The sentence says which."""

    code = "invalid_filter"


def query_of(fields: Mapping[str, str]) -> str:
    """The people page's query for these fields; whatever the page does not know is left out."""
    known = {name: value for name, kind in _CHOICES.items() if (value := fields.get(name, "")) in kind.values and value}
    words = " ".join(clean_text(fields.get("q", "")).split())[:LONGEST]
    return urlencode(
        known | ({"q": words} if words else {}) | ({"look": "table"} if fields.get("look") == "table" else {})
    )


@transaction.atomic
def save(
    *, workspace: Workspace, name: str, fields: Mapping[str, str], is_shared: bool, by: User, now: datetime
) -> SavedFilter:
    """Keep a filter; one's own of the same name is replaced. Raises :class:`InvalidFilter`."""
    name = " ".join(clean_text(name).split())
    if not name or len(name) > LONGEST:
        raise InvalidFilter(_("Give the filter a name of up to %(most)s letters.") % {"most": LONGEST})
    mine = SavedFilter.objects.for_workspace(workspace).filter(created_by=by)
    if mine.exclude(name=name).count() >= MOST:
        raise InvalidFilter(_("You keep %(most)s filters already. Delete one first.") % {"most": MOST})
    kept, _made = SavedFilter.objects.update_or_create(
        workspace=workspace, created_by=by, name=name,
        defaults={"query": query_of(fields), "is_shared": is_shared, "created_at": now},
    )  # fmt: skip
    record(by, "filter.saved", kept, workspace=workspace, now=now)
    return kept


def visible(workspace: Workspace, person: Any) -> QuerySet[SavedFilter]:
    """One's own and the shared ones, by name; at most two hundred."""
    found = SavedFilter.objects.for_workspace(workspace).filter(Q(is_shared=True) | Q(created_by=person))
    return found.select_related("created_by").order_by("name", "id")[:200]


@transaction.atomic
def remove(kept: SavedFilter, *, by: User, now: datetime) -> None:
    """Forget it."""
    record(by, "filter.removed", kept, workspace=kept.workspace, now=now)
    kept.delete()
