"""One search over a workspace: its accounts, and the people on their lists, now or before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from accounts.models import TrackedAccount, Workspace
from scans.models import EdgeList
from scans.person_rows import fetch, like_pattern

#: Shown at most of each kind; whoever looks for more narrows the words.
MOST: Final = 20
#: Trigrams need three letters; fewer would match half the world.
SHORTEST: Final = 3
LONGEST: Final = 64
#: People of that name looked at, whoever's they are, and lists of the workspace looked for them on.
CANDIDATES: Final = 2_000
LISTS: Final = 400


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody on a list of the workspace, now or before; ``profile_id`` is Instagram's pk or a provisional one."""

    profile_id: int
    username: str
    full_name: str
    is_private: bool | None
    is_verified: bool | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. ``is_short``: too few letters to look for people. ``is_cut``: there may be more people."""

    accounts: list[TrackedAccount]
    people: list[FoundPerson]
    is_short: bool = False
    is_cut: bool = False


def find(workspace: Workspace, text: str) -> Found:
    """Accounts and people whose names contain ``text``: whatever its accents, its case, with or without "@"."""
    words = text.strip().removeprefix("@")[:LONGEST]
    if not words:
        return Found([], [])
    accounts = _accounts(workspace, words)
    folded = str(fetch("select search_fold(%s)", [words])[0][0])
    if len(folded) < SHORTEST:
        return Found(accounts, [], is_short=True)
    rows = fetch(_PEOPLE, _params(workspace, folded))
    is_cut = len(rows) > MOST or any(row[-1] >= CANDIDATES for row in rows)
    return Found(accounts, [FoundPerson(*row[:-1]) for row in rows[:MOST]], is_cut=is_cut)


def _accounts(workspace: Workspace, words: str) -> list[TrackedAccount]:
    named = Q(username__contains=words.lower()) | Q(profile__full_name__icontains=words)
    mine = TrackedAccount.objects.for_workspace(workspace).select_related("profile").filter(named)
    return list(mine.order_by("username", "id")[:MOST])


def _params(workspace: Workspace, folded: str) -> dict[str, object]:
    newest = EdgeList.objects.for_workspace(workspace).filter(last_seq__gt=0).order_by("-pk")
    return {
        "pattern": like_pattern(folded),
        "lists": list(newest.values_list("pk", flat=True)[:LISTS]),
        "candidates": CANDIDATES,
        "most": MOST + 1,
    }


# The index finds keys (ASCII), the text itself decides. OFFSET 0 keeps the lists from being read instead of probed.
_PEOPLE: Final = """
with few as materialized (
    select t.profile_id from profile_search t
    where t.key like search_key(%(pattern)s) and coalesce(t.text, t.key) like %(pattern)s limit %(candidates)s
)
select p.id, p.username, p.full_name, p.is_private, p.is_verified, (select count(*) from few)
from few join accounts_profile p on p.id = few.profile_id
where exists (
    select 1 from unnest(%(lists)s::int[]) l(id) where exists (
        select 1 from edge_current e where e.list_id = l.id and e.profile_id = few.profile_id offset 0
    ) or exists (select 1 from edge_past g where g.list_id = l.id and g.profile_id = few.profile_id offset 0)
)
order by p.username, p.id limit %(most)s
"""
