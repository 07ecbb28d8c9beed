"""Likes and comments: the same protocol as for people, once a post, within budgets of their own and of all together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from accounts import pace
from accounts.models import InstagramLogin
from automation import attempts, batches, comment_texts, write_budgets
from automation.models import (
    ON_POSTS,
    ActionKind,
    Attempt,
    Batch,
    BatchState,
    Item,
    Safelist,
    SafelistEntry,
    WritePace,
    paces,
)
from igsite.jobs.runner import ManualClock
from tests.automation.actor import Actor, states

LIKE, COMMENT = ActionKind.LIKE, ActionKind.COMMENT


def test_posts_are_liked_once_each_and_read_back(actor: Actor) -> None:
    posts = actor.posts_of("northwind_run", 3)
    batch, job = actor.confirm([*posts, posts[0]], LIKE)
    actor.work(batch, job)
    assert (batch.state, states(batch)) == (BatchState.DONE, ["done"] * 3)
    assert sorted(actor.on_posts()) == sorted(("like", post) for post in posts)
    again = actor.stage(posts, LIKE)
    assert set(Item.objects.filter(batch=again).values_list("exclusion", flat=True)) == {"done_before"}


def test_comments_are_written_as_reviewed_once_a_post(actor: Actor, clock: ManualClock) -> None:
    first, second = actor.posts_of("northwind_run", 2)
    batch = actor.stage([first, second], COMMENT, texts={first: "What a view!", second: "  Lovely <b>light</b> "})
    item = Item.objects.get(batch=batch, target_pk=first)
    comment_texts.rewrite(item=item, text="What a run!", by=actor.instagram.person, now=clock())
    job = batches.confirm(batch=batch, by=actor.instagram.person, now=clock())
    actor.work(batch, job)
    assert states(batch) == ["done", "done"]
    written = {entry["form"]["comment_text"] for entry in actor.instagram.log("/comment/")}
    assert written == {"What a run!", "Lovely <b>light</b>"}
    with pytest.raises(batches.BatchConflict):
        comment_texts.rewrite(item=item, text="Too late", by=None, now=clock())
    again = actor.stage([first], COMMENT, texts={first: "And another one"})
    assert Item.objects.get(batch=again).exclusion == "done_before"


@pytest.mark.parametrize("text", ["", "   ", "x" * 2201])
def test_a_comment_needs_a_text_of_its_own(actor: Actor, text: str) -> None:
    with pytest.raises(comment_texts.TextInvalid):
        actor.stage([77], COMMENT, texts={77: text})
    assert not Batch.objects.exists()


def test_what_is_no_comment_has_no_text(actor: Actor) -> None:
    with pytest.raises(comment_texts.TextInvalid):
        actor.stage([77], LIKE, texts={77: "hello"})


@pytest.mark.parametrize("kind", ["reset_after", "reset"])
@pytest.mark.parametrize("action", [LIKE, COMMENT])
def test_a_lost_answer_is_read_and_never_sent_again(actor: Actor, kind: str, action: ActionKind) -> None:
    posts = actor.posts_of("tiny.pottery", 1)
    texts = {posts[0]: "Hello"} if action == COMMENT else None
    actor.instagram.fault(path=f"media/{posts[0]}.*/{action}/", kind=kind)
    batch, job = actor.confirm(posts, action, texts=texts)
    actor.work(batch, job)
    assert states(batch) == ["done" if kind == "reset_after" else "unknown"]
    assert len(actor.on_posts()) == 1


def test_what_is_liked_already_is_not_liked_again(actor: Actor) -> None:
    posts = actor.posts_of("tiny.pottery", 1)
    batch, job = actor.confirm(posts, LIKE)
    actor.work(batch, job)
    Attempt.objects.update(state="failed")  # as if our own rows knew nothing of it
    batch, job = actor.confirm(posts, LIKE)
    actor.work(batch, job)
    assert states(batch) == ["already"]
    assert len(actor.on_posts()) == 1


def test_posts_of_safe_people_and_posts_that_are_gone_are_left_alone(actor: Actor, clock: ManualClock) -> None:
    post = actor.posts_of("northwind_run", 1)[0]
    with_owner = actor.instagram.simulator.control("truth/person?account=northwind_run")
    SafelistEntry.objects.create(
        workspace=actor.instagram.workspace, safelist=Safelist.DO_NOT_FOLLOW, target_pk=with_owner["pk"],
        added_at=clock(),
    )  # fmt: skip
    batch, job = actor.confirm([post, 5_555_555], LIKE)
    actor.work(batch, job)
    assert list(Item.objects.filter(batch=batch).order_by("position").values_list("exclusion", flat=True)) == [
        "safelist", "not_accessible",
    ]  # fmt: skip
    assert actor.on_posts() == []


def test_the_same_number_as_a_person_and_as_a_post_are_two_things(actor: Actor) -> None:
    pk = actor.strangers(1)[0]
    actor.stage([pk])
    assert states(actor.stage([pk], LIKE)) == ["waiting"]
    assert states(actor.stage([pk], COMMENT, texts={pk: "Hi"})) == ["waiting"]
    assert states(actor.stage([pk], LIKE)) == ["excluded"]


def test_the_database_lets_a_login_do_it_at_a_post_once(actor: Actor, login: InstagramLogin) -> None:
    first, second = (Item.objects.get(batch=actor.stage([pk], LIKE)) for pk in (5, 6))
    now = actor.instagram.clock()

    def attempt(item: Item, **values: object) -> Attempt:
        given = {"kind": "like", "post_pk": 5, "state": "done", "sent_at": now, "ended_at": now} | values
        with transaction.atomic():
            return Attempt.objects.create(
                workspace_id=login.workspace_id, login=login, item=item, reserved_at=now, lease_until=now, **given
            )

    attempt(first)
    with pytest.raises(IntegrityError, match="attempt_post_once"):
        attempt(second)
    for odd in ({"post_pk": None}, {"kind": "follow"}):
        with pytest.raises(IntegrityError, match="attempt_names_its_post"):
            attempt(second, **odd)


@pytest.fixture
def paced(settings: Settings, actor: Actor, clock: ManualClock) -> Actor:
    settings.PACE_SCALE = 1
    InstagramLogin.objects.filter(pk=actor.login.pk).update(ready_since=clock() - timedelta(days=400))
    actor.login.refresh_from_db()
    return actor


def spent(actor: Actor, kind: ActionKind, count: int) -> None:
    """So many actions of a kind, done just now."""
    now = actor.instagram.clock()
    for pk in range(1, count + 1):
        batch = Batch.objects.create(workspace=actor.instagram.workspace, login=actor.login, kind=kind, created_at=now)
        item = Item.objects.create(batch=batch, position=0, target_pk=pk, state="done")
        Attempt.objects.create(
            workspace=actor.instagram.workspace, login=actor.login, item=item, kind=kind, reserved_at=now, sent_at=now,
            lease_until=now, ended_at=now, state="done", post_pk=pk if kind in ON_POSTS else None,
        )  # fmt: skip


def test_likes_and_comments_have_budgets_of_their_own(paced: Actor, clock: ManualClock) -> None:
    spent(paced, COMMENT, 3)
    refusal = write_budgets.why_not_now(paced.login, clock(), COMMENT)
    assert isinstance(refusal, pace.NotBefore)
    assert refusal.at == clock() + pace.HOUR + write_budgets.LATE
    assert write_budgets.why_not_now(paced.login, clock(), LIKE) is None
    assert write_budgets.why_not_now(paced.login, clock(), ActionKind.REMOVE) is None


def test_all_together_have_a_budget_too(paced: Actor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_budgets, "ALL_PER_HOUR", 4)
    spent(paced, COMMENT, 2)
    spent(paced, LIKE, 2)
    for kind in ActionKind:
        assert isinstance(write_budgets.why_not_now(paced.login, clock(), kind), pace.NotBefore)


def test_a_used_up_budget_is_kept_at_t1(paced: Actor, clock: ManualClock) -> None:
    spent(paced, COMMENT, 3)
    batch, _job = paced.confirm([900], COMMENT, texts={900: "Hi"})
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.RUNNING)
    assert isinstance(attempts.reserve(Item.objects.get(batch=batch).pk, now=clock()), pace.NotBefore)


@pytest.mark.parametrize(
    "figures", [{"likes_per_hour": 61}, {"likes_per_day": 501}, {"comments_per_hour": 11}, {"comments_per_day": 51}]
)
def test_no_row_goes_above_these_ceilings_either(actor: Actor, figures: dict[str, int]) -> None:
    with pytest.raises(IntegrityError, match="_ceiling"), transaction.atomic():
        WritePace.objects.create(login=actor.login, **figures)
    most = WritePace(login=actor.login, **figures)
    assert max(most.budget(LIKE)) <= paces.LIKES_PER_DAY_CEILING
    assert max(most.budget(COMMENT)) <= paces.COMMENTS_PER_DAY_CEILING
