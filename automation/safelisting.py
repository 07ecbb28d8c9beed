"""What people do with safelists: add, note, remove, hand over as a file; and the list as pages show it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Profile, Workspace
from automation.models import Safelist, SafelistEntry
from igsite import audit
from igsite.paging import Page, page_of
from igsite.problems import Invalid
from igsite.text import clean_text

if TYPE_CHECKING:
    from accounts.models import User

#: People on one safelist.
MOST: Final = 20_000
NOTE: Final = 200
HEADING: Final = ("pk", "username", "full_name", "note", "added_at")


class TooManySafe(Invalid):
    """The safelist is full."""

    code = "safelist_full"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the page: the entry, and who it is as far as that is known."""

    row: SafelistEntry
    person: Profile | None

    @property
    def name(self) -> str:
        """The user name, or the number of whom no name is known."""
        return self.person.username if self.person else str(self.row.target_pk)

    @property
    def called(self) -> str:
        """What the person is called, for the initials."""
        return (self.person.full_name if self.person else "") or self.name


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change: who is ``new``, whose note becomes another, who stays ``same``, who is ``removed``."""

    new: list[int]
    noted: list[int]
    same: int
    removed: list[int]


def page(workspace: Workspace, which: Safelist, *, search: str = "", cursor: str = "", limit: int = 50) -> Page[Entry]:
    """One page, the newest first. Two queries however long it is."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which)
    wanted = clean_text(search).strip().removeprefix("@").lower()[:64]
    if wanted.isdecimal():
        mine = mine.filter(target_pk=int(wanted) if len(wanted) < 19 else 0)
    elif wanted:
        named = Profile.objects.filter(pk=OuterRef("target_pk"), username__contains=wanted)
        mine = mine.filter(Exists(named))
    found = page_of(mine, name=f"safelist-{which}", order=("-added_at", "-id"), cursor=cursor, limit=limit)
    known = Profile.objects.in_bulk([row.target_pk for row in found.items])
    return Page([Entry(row, known.get(row.target_pk)) for row in found.items], found.next)


def sizes(workspace: Workspace) -> dict[str, int]:
    """How many people are on each list."""
    mine = SafelistEntry.objects.for_workspace(workspace)
    return {which.value: mine.filter(safelist=which).count() for which in Safelist}


@transaction.atomic
def add(*, workspace: Workspace, which: Safelist, people: Mapping[int, str], by: User | None, now: datetime) -> int:
    """Put people (number → note) on a list; who is on it already gets the note if there is one. Returns the new ones.

    Raises:
        TooManySafe: the list would hold more than :data:`MOST`.
    """
    plan = planned(workspace, which, people)
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which)
    if mine.count() + len(plan.new) > MOST:
        raise TooManySafe(_("A safelist holds at most %(most)s people.") % {"most": MOST})
    SafelistEntry.objects.bulk_create(
        [
            SafelistEntry(
                workspace=workspace, safelist=which, target_pk=pk, note=_note(people[pk]), added_by=by, added_at=now
            )
            for pk in plan.new
        ],
        ignore_conflicts=True,
    )
    changed = list(mine.filter(target_pk__in=plan.noted))
    for row in changed:
        row.note = _note(people[row.target_pk])
    SafelistEntry.objects.bulk_update(changed, ["note"], batch_size=500)
    _record(by, "safelist.added", workspace, which, now, added=len(plan.new), noted=len(changed))
    return len(plan.new)


@transaction.atomic
def remove(*, workspace: Workspace, which: Safelist, pks: Collection[int], by: User | None, now: datetime) -> int:
    """Take people off a list, by number; returns how many were on it."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which, target_pk__in=pks)
    count = mine.delete()[0]
    if count:
        _record(by, "safelist.removed", workspace, which, now, removed=count, pks=sorted(pks)[:50])
    return count


@transaction.atomic
def annotate(
    *, workspace: Workspace, which: Safelist, pks: Collection[int], note: str, by: User | None, now: datetime
) -> int:
    """Another note for all of these; returns how many are on the list."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which, target_pk__in=pks)
    count = mine.update(note=_note(note))
    _record(by, "safelist.noted", workspace, which, now, noted=count)
    return count


def planned(workspace: Workspace, which: Safelist, people: Mapping[int, str], *, replaces: bool = False) -> Plan:
    """What :func:`add` would do, and with ``replaces`` whom the file does not name. Changes nothing."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which)
    notes = dict(mine.values_list("target_pk", "note"))
    noted = [pk for pk, note in people.items() if pk in notes and note and _note(note) != notes[pk]]
    new = [pk for pk in people if pk not in notes]
    removed = sorted(notes.keys() - people.keys()) if replaces else []
    return Plan(new, noted, len(people) - len(new) - len(noted), removed)


def on_lists(workspace: Workspace, pk: int) -> set[str]:
    """On which safelists somebody is."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(target_pk=pk)
    return set(mine.values_list("safelist", flat=True))


def rows(workspace: Workspace, which: Safelist) -> Iterable[list[Any]]:
    """For a file, as :data:`HEADING` names the columns; it can be handed back as it is."""
    mine = SafelistEntry.objects.for_workspace(workspace).filter(safelist=which).order_by("-added_at", "-id")
    entries = list(mine[:MOST])
    known = Profile.objects.in_bulk([row.target_pk for row in entries])
    for row in entries:
        who = known.get(row.target_pk)
        added = row.added_at.isoformat(timespec="seconds")
        yield [row.target_pk, who.username if who else "", who.full_name if who else "", row.note, added]


def _note(text: str) -> str:
    return clean_text(text, limit=NOTE)


def _record(
    by: User | None, action: str, workspace: Workspace, which: Safelist, now: datetime, **details: object
) -> None:
    about = {"safelist": which.value, **details}
    audit.record(by, action, str(which.label), workspace=workspace, now=now, details=about)
