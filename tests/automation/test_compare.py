"""Left-right comparisons: right by the simulator's truth, honest where a list is not known whole."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Profile
from automation import compare, compare_job, lookups, naming
from automation.models import ComparedAccount, Comparison, Side
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor
from tests.scans.scanner import Scanner


def pk_of(actor: Actor, name: str) -> int:
    pk = int(actor.instagram.simulator.control(f"truth/person?account={name}")["pk"])
    Profile.objects.get_or_create(pk=pk, defaults={"username": name})
    return pk


def prepare(actor: Actor, lefts: list[int], rights: list[int], *, with_login: bool = True) -> Comparison:
    login = actor.login if with_login else None
    return compare.prepare(
        workspace=actor.instagram.workspace, login=login, lefts=lefts, rights=rights, by=actor.instagram.person,
        now=actor.instagram.clock(),
    )  # fmt: skip


def finish(actor: Actor, comparison: Comparison) -> Comparison:
    work_off(Job.objects.get(kind=compare.COMPARE), actor.instagram.clock)
    comparison.refresh_from_db()
    return comparison


def answers(comparison: Comparison) -> dict[tuple[int, int], str]:
    return {(left, right): answer for right, _name, left, _left, answer, _as_of in compare.sheet(comparison)}


def test_lists_are_read_and_every_pair_agrees_with_the_truth(actor: Actor) -> None:
    tiny, pottery = pk_of(actor, "tiny.pottery"), pk_of(actor, "private.garden")
    followers = actor.truth("tiny.pottery")
    strangers = [pk for pk in actor.truth("northwind_run")[:5] if pk not in followers]
    rights = [*followers[:3], *strangers]
    comparison = finish(actor, prepare(actor, [tiny, pottery], rights))
    assert comparison.ended_at is not None
    told = answers(comparison)
    assert {right for (left, right), answer in told.items() if left == tiny and answer == "yes"} == set(followers[:3])
    assert {told[(tiny, right)] for right in strangers} == {"no"}
    assert {told[(pottery, right)] for right in rights} == {"unknown"}  # a private account's list
    rights_of = ComparedAccount.objects.filter(comparison=comparison, side=Side.RIGHT).order_by("position")
    rows = compare.rows(comparison, list(rights_of))
    assert [(len(row.follows), row.unknown) for row in rows] == [(1, 1)] * 3 + [(0, 1)] * len(strangers)


def test_a_list_that_was_scanned_lately_is_not_read_again(actor: Actor, clock: ManualClock) -> None:
    scanner = Scanner(actor.instagram, actor.login)
    scanner.scan(scanner.track("tiny.pottery"))
    followers, asked = actor.truth("tiny.pottery"), len(actor.instagram.log("followers"))
    tiny = pk_of(actor, "tiny.pottery")
    comparison = prepare(actor, [tiny], [followers[0], 77], with_login=False)
    assert (comparison.ended_at, comparison.job_uuid) == (clock(), None)
    assert answers(comparison) == {(tiny, followers[0]): "yes", (tiny, 77): "no"}
    assert len(actor.instagram.log("followers")) == asked
    clock.move(timedelta(days=8))
    with pytest.raises(compare.NotComparable):
        prepare(actor, [tiny], [77], with_login=False)
    assert prepare(actor, [tiny], [77]).job_uuid is not None


@pytest.mark.parametrize("fault", ["early_end", "limited"])
def test_a_list_that_is_not_whole_never_says_no(actor: Actor, fault: str) -> None:
    tiny = pk_of(actor, "tiny.pottery")
    path = f"friendships/{tiny}/followers"
    for kind in ("short_pages", fault):
        actor.instagram.fault(path=path, kind=kind, count=-1, size=10)
    comparison = finish(actor, prepare(actor, [tiny], [77, actor.truth("tiny.pottery")[0]]))
    left = ComparedAccount.objects.get(comparison=comparison, side=Side.LEFT)
    assert left.reading == "partial"
    assert answers(comparison)[(tiny, 77)] == "unknown"


def test_a_job_that_is_cancelled_ends_its_comparison(actor: Actor) -> None:
    from igsite.jobs import runner

    comparison = prepare(actor, [pk_of(actor, "tiny.pottery")], [77])
    runner.cancel(Job.objects.get(kind=compare.COMPARE), by=actor.instagram.person)
    comparison.refresh_from_db()
    assert comparison.ended_at is not None
    assert answers(comparison) == {(comparison.accounts.get(side="left").target_pk, 77): "unknown"}


def test_whom_nobody_knows_is_looked_up_and_a_comparison_made_of_whoever_was_found(
    actor: Actor, clock: ManualClock
) -> None:
    follower = actor.known(actor.truth("tiny.pottery")[:1])[0]
    workspace = actor.instagram.workspace
    named = {Side.LEFT: "@tiny.pottery @no.body.of.this.name", Side.RIGHT: f"{follower} @gap.gallery"}
    sides = {side: naming.resolve(workspace, naming.read_text(text).people) for side, text in named.items()}
    job = lookups.order_comparison(
        workspace=workspace, login=actor.login, sides=sides, by=actor.instagram.person, now=clock()
    )
    work_off(job, clock)
    assert job.result["missing"] == ["@no.body.of.this.name"]
    made = Comparison.objects.get(pk=job.result["comparison"])
    assert job.result["url"] == f"/actions/compare/{made.pk}/"
    rights = ComparedAccount.objects.filter(comparison=made, side=Side.RIGHT).order_by("position")
    assert [made.left_count, *rights.values_list("username", flat=True)] == [1, f"p{follower}", "gap.gallery"]
    told = answers(finish(actor, made))
    assert {right: answer for (_left, right), answer in told.items()}[follower] == "yes"


@pytest.mark.parametrize(
    ("lefts", "rights"), [([], [1]), ([1], []), (list(range(1, 52)), [1]), ([1], list(range(1, 502)))]
)
def test_what_is_too_few_or_too_many_is_refused(actor: Actor, lefts: list[int], rights: list[int]) -> None:
    with pytest.raises(compare.NotComparable):
        prepare(actor, lefts, rights)
    assert not Comparison.objects.exists()


def test_the_job_is_known() -> None:
    assert compare_job.CompareLists.name == compare.COMPARE
