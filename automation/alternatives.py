"""Several accounts of one person: whoever is known by one of them is not followed as a stranger by another."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Profile, Workspace
from automation import acquaintances
from automation.models import AlternativeAccount, Batch
from igsite import audit
from igsite.paging import Page, page_of
from igsite.problems import Invalid, NotThere
from scans.models import Direction

if TYPE_CHECKING:
    from accounts.models import User

#: Accounts that one person may have here.
MOST: Final = 50


class LinkInvalid(Invalid):
    """These accounts cannot be one person's."""

    code = "link_invalid"


def link(*, workspace: Workspace, pks: Sequence[int], note: str = "", by: User | None, now: datetime) -> uuid.UUID:
    """Say that these accounts are one person's, with all that were said to be before. Returns the person's id.

    Raises:
        LinkInvalid: fewer than two accounts, or more than one person has.
    """
    named = set(pks)
    if len(named) < 2 or min(named) <= 0 or max(named) >= 1 << 63:
        raise LinkInvalid(_("Name at least two accounts of one person."))
    with transaction.atomic():
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)  # two links at once become one person
        mine = AlternativeAccount.objects.for_workspace(workspace)
        people = sorted(set(mine.filter(target_pk__in=named).values_list("person", flat=True)), key=str)
        person = people[0] if people else uuid.uuid4()
        mine.filter(person__in=people).update(person=person)
        AlternativeAccount.objects.bulk_create(
            [
                AlternativeAccount(
                    workspace=workspace, person=person, target_pk=pk, note=note[:200], added_by=by, added_at=now
                )
                for pk in sorted(named)
            ],
            ignore_conflicts=True,
        )
        if mine.filter(person=person).count() > MOST:
            raise LinkInvalid(_("One person has at most %(most)s accounts here.") % {"most": MOST})
        details = {"person": str(person), "targets": sorted(named)[:MOST]}
        audit.record(by, "alternative.linked", workspace, workspace=workspace, now=now, details=details)
    return person


def unlink(*, workspace: Workspace, pk: int, by: User | None, now: datetime) -> None:
    """This account is another person's after all; one that is left alone is none of several. ``NotThere``: unknown."""
    with transaction.atomic():
        mine = AlternativeAccount.objects.for_workspace(workspace)
        row = mine.select_for_update(of=("self",)).filter(target_pk=pk).first()
        if row is None:
            raise NotThere(_("This account is not linked with another one."))
        row.delete()
        if mine.filter(person=row.person).count() == 1:
            mine.filter(person=row.person).delete()
        audit.record(by, "alternative.unlinked", workspace, workspace=workspace, now=now, details={"target": pk})


def others_of(workspace: Workspace, pks: Sequence[int]) -> dict[int, list[int]]:
    """The other accounts of the same person, for those of ``pks`` who have any. Two queries however many they are."""
    mine = AlternativeAccount.objects.for_workspace(workspace)
    asked = dict(mine.filter(target_pk__in=pks).values_list("target_pk", "person"))
    accounts: dict[uuid.UUID, list[int]] = {}
    for person, pk in mine.filter(person__in=asked.values()).order_by("target_pk").values_list("person", "target_pk"):
        accounts.setdefault(person, []).append(pk)
    return {pk: [other for other in accounts[person] if other != pk] for pk, person in asked.items()}


def acquainted(batch: Batch, pks: Sequence[int]) -> dict[int, tuple[int, Direction]]:
    """Those of ``pks`` with whose other account the login has a tie: which account, and on which own list it stands."""
    others = others_of(batch.workspace, pks)
    everyone = {other for several in others.values() for other in several}
    on = {side: acquaintances.among(batch.login, side, everyone) for side in (Direction.FOLLOWING, Direction.FOLLOWERS)}
    found: dict[int, tuple[int, Direction]] = {}
    for pk, several in others.items():
        ties = ((other, side) for side, people in on.items() for other in several if other in people)
        tie = next(ties, None)
        if tie is not None:
            found[pk] = tie
    return found


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a person, and who it is as far as that is known."""

    pk: int
    person: Profile | None

    @property
    def name(self) -> str:
        """The user name, or the number of whom no name is known."""
        return self.person.username if self.person else str(self.pk)

    @property
    def called(self) -> str:
        """What the person is called, for the initials."""
        return (self.person.full_name if self.person else "") or self.name


@dataclass(frozen=True, slots=True)
class OnePerson:
    """A person with several accounts, as a page shows them."""

    accounts: list[Account]
    note: str
    added_at: datetime


def page(workspace: Workspace, *, cursor: str = "", limit: int = 30) -> Page[OnePerson]:
    """People of whom several accounts are known, the newest first. Three queries however many they are."""
    mine = AlternativeAccount.objects.for_workspace(workspace)
    smaller = mine.filter(person=OuterRef("person"), target_pk__lt=OuterRef("target_pk"))
    firsts = page_of(
        mine.filter(~Exists(smaller)), name="linked", order=("-added_at", "-id"), cursor=cursor, limit=limit
    )  # fmt: skip
    rows = list(mine.filter(person__in=[one.person for one in firsts.items]).order_by("target_pk"))
    known = Profile.objects.in_bulk([row.target_pk for row in rows])
    people = []
    for first in firsts.items:
        theirs = [row for row in rows if row.person == first.person]
        note = next((row.note for row in theirs if row.note), "")
        accounts = [Account(row.target_pk, known.get(row.target_pk)) for row in theirs]
        people.append(OnePerson(accounts, note, first.added_at))
    return Page(people, firsts.next)
