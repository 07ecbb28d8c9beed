"""How the sources of a workspace stand: for its settings page, the API and the doctor. Nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts import source_chains
from accounts.gateway.abilities import SOURCES, Ability, Needs, Source
from accounts.models import (
    Circuit,
    InstagramLogin,
    KeyStatus,
    LoginStatus,
    Part,
    Purpose,
    SourceAccess,
    SourceHealth,
    SourceName,
    SourceWait,
    TrackedAccount,
    Workspace,
)
from igsite.jobs.models import Job, JobState

#: What people look for in a source, in their order.
SHOWN: Final = (
    (Ability.PROFILE_BY_USERNAME, Part.PROFILE),
    (Ability.FOLLOWERS, Part.FOLLOWERS),
    (Ability.FOLLOWING, Part.FOLLOWING),
    (Ability.POSTS, Part.POSTS),
    (Ability.POST, Part.POST),
    (Ability.COMMENTS, Part.COMMENTS),
)


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of a source: whether the source can do it at all, and whether it is broken for everybody."""

    part: Part
    is_able: bool
    state: Circuit
    since: datetime | None
    probe_at: datetime | None
    waiting: int
    note: str

    @property
    def is_broken(self) -> bool:
        """Whether everybody waits for it."""
        return self.state == Circuit.BROKEN


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source as this workspace has it. ``sentence`` says how it stands; ``is_well`` None: it is not set up."""

    name: SourceName
    source: Source
    access: SourceAccess | None
    parts: tuple[PartView, ...]
    is_well: bool | None
    sentence: str

    @property
    def wants_key(self) -> bool:
        """Whether it is opened with a key."""
        return self.source.needs == Needs.KEY

    @property
    def broken(self) -> tuple[PartView, ...]:
        """Its parts that are broken for everybody."""
        return tuple(part for part in self.parts if part.is_broken)


@dataclass(frozen=True, slots=True)
class ChainView:
    """The order of one purpose. ``is_own``: it was chosen here; ``others`` could be added."""

    purpose: Purpose
    sources: tuple[SourceView, ...]
    others: tuple[SourceView, ...]
    is_own: bool


def overview(workspace: Workspace, *, now: datetime) -> list[SourceView]:
    """Every source that a chain may name. A constant number of queries."""
    accesses = {
        access.source: access for access in SourceAccess.objects.for_workspace(workspace).exclude(key_sealed=None)
    }
    parts = _parts()
    ready = InstagramLogin.objects.for_workspace(workspace).filter(status=LoginStatus.READY).count()
    return [_view(name, accesses.get(name), parts, ready, now) for name in SourceName]


def chains(workspace: Workspace, views: list[SourceView], *, account: TrackedAccount | None = None) -> list[ChainView]:
    """The chain of each purpose, as it holds: of the account where it has its own, else of the workspace."""
    by_name = {view.name: view for view in views}
    ours = source_chains.chains_of(workspace)
    own = source_chains.chains_of(workspace, account=account) if account else ours
    shown = []
    for purpose in Purpose:
        names = own.get(purpose) or ours.get(purpose) or source_chains.DEFAULT
        others = tuple(by_name[name] for name in source_chains.able(purpose) if name not in names)
        shown.append(ChainView(purpose, tuple(by_name[name] for name in names), others, purpose in own))
    return shown


def check_all(workspace: Workspace, *, now: datetime) -> list[tuple[str, bool | None, str]]:
    """For the doctor: each source's name, whether it is well (None: not set up), and a sentence. Nothing is sent."""
    return [(str(view.name.label), view.is_well, view.sentence) for view in overview(workspace, now=now)]


def _parts() -> dict[tuple[str, str], tuple[SourceHealth, int]]:
    waiting = Job.objects.filter(state=JobState.WAITING).values("uuid")
    rows = SourceHealth.objects.exclude(state=Circuit.CLOSED)
    counted = SourceWait.objects.filter(job_uuid__in=waiting).values_list("health_id").annotate(jobs=Count("pk"))
    counts: dict[int, int] = dict(counted)
    return {(row.source, row.part): (row, counts.get(row.pk, 0)) for row in rows}


def _view(
    name: SourceName, access: SourceAccess | None, parts: dict[tuple[str, str], tuple[SourceHealth, int]], ready: int,
    now: datetime,
) -> SourceView:  # fmt: skip
    source = SOURCES[name]
    shown = tuple(_part(source, ability, part, parts.get((name, part))) for ability, part in SHOWN)
    is_well, sentence = _standing(source, access, shown, ready, now)
    return SourceView(name, source, access, shown, is_well, sentence)


def _part(source: Source, ability: Ability, part: Part, found: tuple[SourceHealth, int] | None) -> PartView:
    if found is None:
        return PartView(part, source.can(ability), Circuit.CLOSED, None, None, 0, "")
    row, waiting = found
    return PartView(part, source.can(ability), Circuit(row.state), row.since, row.probe_at, waiting, row.note)


def _standing(
    source: Source, access: SourceAccess | None, parts: tuple[PartView, ...], ready: int, now: datetime
) -> tuple[bool | None, str]:
    broken = [str(part.part.label) for part in parts if part.is_broken]
    if broken:
        return False, _("Broken for everybody at the moment: %(parts)s. It is tried again by itself.") % {
            "parts": ", ".join(broken)
        }
    if source.needs == Needs.LOGIN:
        if ready:
            return True, _("%(count)s logins are ready.") % {"count": ready} if ready > 1 else _("A login is ready.")
        return None, _("No Instagram login is ready. Add one, or finish signing in.")
    if source.needs == Needs.NOTHING:
        return True, _("It needs no login and no key.")
    if access is None:
        return None, _("There is no key yet.")
    if access.status in (KeyStatus.REFUSED, KeyStatus.EMPTY):
        return False, access.note
    if access.resumes_at is not None and access.resumes_at > now:
        return False, access.note or _("It rests for a while.")
    if access.status == KeyStatus.UNKNOWN:
        return None, access.note or _("The key was not checked yet.")
    return True, access.note or _("The key works.")
