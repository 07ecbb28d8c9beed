"""Several accounts of one person: linked, merged, unlinked; whoever is known by one of them is not followed."""

from __future__ import annotations

import pytest

from accounts.models import Workspace
from automation import alternatives
from automation.models import AlternativeAccount, Exclusion, Item
from igsite.jobs.runner import ManualClock
from igsite.problems import NotThere
from scans.models import Direction
from tests.automation.actor import Actor
from tests.scans.scanner import Scanner


def link(actor: Actor, *pks: int) -> None:
    alternatives.link(
        workspace=actor.instagram.workspace, pks=pks, by=actor.instagram.person, now=actor.instagram.clock()
    )


def test_links_of_one_person_grow_together(actor: Actor) -> None:
    link(actor, 1, 2)
    link(actor, 3, 4)
    assert alternatives.others_of(actor.instagram.workspace, [1, 9]) == {1: [2]}
    link(actor, 2, 3)
    assert alternatives.others_of(actor.instagram.workspace, [4]) == {4: [1, 2, 3]}
    link(actor, 2, 3)
    assert AlternativeAccount.objects.count() == 4


def test_an_unlinked_account_leaves_and_the_last_one_with_it(actor: Actor, clock: ManualClock) -> None:
    link(actor, 1, 2, 3)
    place = actor.instagram.workspace
    alternatives.unlink(workspace=place, pk=1, by=None, now=clock())
    assert alternatives.others_of(place, [2]) == {2: [3]}
    alternatives.unlink(workspace=place, pk=2, by=None, now=clock())
    assert not AlternativeAccount.objects.exists()
    with pytest.raises(NotThere):
        alternatives.unlink(workspace=place, pk=2, by=None, now=clock())


@pytest.mark.parametrize("pks", [[], [5], [5, 5], [0, 5], [5, 1 << 63], list(range(1, 60))])
def test_what_is_not_several_accounts_of_one_person_is_refused(actor: Actor, pks: list[int]) -> None:
    with pytest.raises(alternatives.LinkInvalid):
        link(actor, *pks)
    assert not AlternativeAccount.objects.exists()


def test_who_is_known_by_another_account_is_left_out_in_this_workspace_only(actor: Actor, clock: ManualClock) -> None:
    scanner = Scanner(actor.instagram, actor.login)
    scanner.scan(scanner.track("demo_creator"))
    follower = actor.truth("demo_creator")[0]
    known, unknown, elsewhere = actor.strangers(3)
    link(actor, known, follower)
    link(actor, unknown, 77)
    other = Workspace.objects.create(name="Elsewhere")
    alternatives.link(workspace=other, pks=[elsewhere, follower], by=None, now=clock())
    batch = actor.stage([known, unknown, elsewhere])
    found = dict(Item.objects.filter(batch=batch).values_list("target_pk", "exclusion"))
    assert found == {known: Exclusion.ALTERNATIVE, unknown: "", elsewhere: ""}
    assert alternatives.acquainted(batch, [known, unknown]) == {known: (follower, Direction.FOLLOWERS)}
