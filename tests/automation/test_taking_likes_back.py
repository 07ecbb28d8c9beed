"""Likes that are taken back: once a post, read afterwards, in the budget of likes."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import pace
from automation import batches, looking, undoing, write_budgets
from automation.looking import Look
from automation.models import ActionKind, Exclusion, Item, Safelist, SafelistEntry
from automation.readings import PostSeen, proves_absence
from igsite.jobs.runner import ManualClock
from tests.automation.actor import Actor, states
from tests.automation.test_posts import paced, spent

__all__ = ["paced"]
LIKE, UNLIKE, COMMENT = ActionKind.LIKE, ActionKind.UNLIKE, ActionKind.COMMENT


def test_likes_are_undone_by_a_linked_batch_at_once_and_once_a_post(actor: Actor, clock: ManualClock) -> None:
    posts = actor.posts_of("tiny.pottery", 2)
    liked, job = actor.confirm(posts, LIKE)
    actor.work(liked, job)
    back = undoing.undo(batch=liked, by=actor.instagram.person, now=clock())
    assert (back.kind, back.undoes_id, back.starts_at) == (UNLIKE, liked.pk, None)
    actor.work(back, batches.confirm(batch=back, by=actor.instagram.person, now=clock()))
    assert states(back) == ["done", "done"]
    assert sorted(actor.on_posts()) == sorted([(verb, post) for verb in ("like", "unlike") for post in posts])
    again = undoing.undo(batch=liked, by=None, now=clock())
    assert set(Item.objects.filter(batch=again).values_list("exclusion", flat=True)) == {Exclusion.DONE_BEFORE}


@pytest.mark.parametrize("kind", [LIKE, UNLIKE, COMMENT])
def test_a_batch_on_posts_is_reviewed_on_its_page(actor: Actor, client: Client, kind: ActionKind) -> None:
    batch = actor.stage([10**15], kind, texts={10**15: "Hello"} if kind == COMMENT else None)
    client.force_login(actor.instagram.person, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/actions/{batch.pk}/")
    assert answer.status_code == 200
    assert 'value="safe' not in answer.content.decode()


def test_what_is_not_liked_is_not_sent(actor: Actor) -> None:
    batch, job = actor.confirm(actor.posts_of("tiny.pottery", 1), UNLIKE)
    actor.work(batch, job)
    assert states(batch) == ["already"]
    assert actor.on_posts() == []


@pytest.mark.parametrize(("kind", "became"), [("reset_after", "done"), ("reset", "unknown")])
def test_an_answer_that_is_lost_is_read_and_never_sent_again(actor: Actor, kind: str, became: str) -> None:
    posts = actor.posts_of("tiny.pottery", 1)
    actor.work(*actor.confirm(posts, LIKE))
    actor.instagram.fault(path=f"media/{posts[0]}.*/unlike/", kind=kind)
    batch, job = actor.confirm(posts, UNLIKE)
    actor.work(batch, job)
    assert states(batch) == [became]
    assert [verb for verb, _post in actor.on_posts()].count("unlike") == 1


def test_taking_back_counts_with_the_likes(paced: Actor, clock: ManualClock) -> None:
    spent(paced, LIKE, 19)
    assert write_budgets.why_not_now(paced.login, clock(), UNLIKE) is None
    spent(paced, UNLIKE, 1)
    for kind in (LIKE, UNLIKE):
        assert isinstance(write_budgets.why_not_now(paced.login, clock(), kind), pace.NotBefore)
    assert write_budgets.why_not_now(paced.login, clock(), COMMENT) is None


def test_a_like_of_somebody_who_is_safe_can_be_taken_back(actor: Actor, clock: ManualClock) -> None:
    post = actor.posts_of("northwind_run", 1)[0]
    actor.work(*actor.confirm([post], LIKE))
    owner = actor.instagram.simulator.control("truth/person?account=northwind_run")["pk"]
    SafelistEntry.objects.create(
        workspace=actor.instagram.workspace, safelist=Safelist.DO_NOT_FOLLOW, target_pk=owner, added_at=clock()
    )
    batch, job = actor.confirm([post], UNLIKE)
    actor.work(batch, job)
    assert states(batch) == ["done"]


@pytest.mark.parametrize("kind", [ActionKind.UNFOLLOW, ActionKind.REMOVE, COMMENT, UNLIKE])
def test_what_cannot_be_taken_back_offers_no_undo(actor: Actor, clock: ManualClock, kind: ActionKind) -> None:
    batch = actor.stage([10**15], kind, texts={10**15: "Hello"} if kind == COMMENT else None)
    Item.objects.filter(batch=batch).update(state="done", exclusion="")
    assert undoing.count(batch) == 0
    with pytest.raises(undoing.NothingToUndo):
        undoing.undo(batch=batch, by=None, now=clock())


class Silent:
    """A source that does not say whether the login likes a post, and shows who does."""

    def __init__(self, *likers: int) -> None:
        self.shown = likers

    def post(self, _code: str) -> object:
        return type("Post", (), {"is_liked": None, "owner_pk": 7, "taken_at": None})()

    def likers(self, _pk: int) -> list[object]:
        return [type("Person", (), {"pk": pk})() for pk in self.shown]


@pytest.mark.parametrize(("likers", "seen"), [((5, 9), True), ((5,), None)])
def test_not_being_among_the_likers_that_are_shown_proves_nothing(
    clock: ManualClock, likers: tuple[int, ...], seen: bool | None
) -> None:
    item, source = Item(target_pk=10**15), Silent(*likers)
    first = looking.further(source, UNLIKE, item, 9, Look("this", clock()))  # type: ignore[arg-type]
    assert (first.seen, first.owner_pk) == (None, 7)  # one request a step: the likers are the next
    second = looking.further(source, UNLIKE, item, 9, first)  # type: ignore[arg-type]
    assert second.seen == PostSeen(is_liked=seen)
    assert proves_absence(UNLIKE, second.seen) is (seen is True)
