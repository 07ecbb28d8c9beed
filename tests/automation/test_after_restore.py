"""After a restore rows of what was sent are missing: what a look does not disprove is parked for a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from automation import after_restore, judging, looking
from automation.models import ActionKind, Attempt, Batch, BatchState, Item, ItemState, RestoreGap
from igsite.jobs.runner import ManualClock
from igsite.restoring import restored
from tests.automation.actor import Actor, states

COMMENT = ActionKind.COMMENT
#: Of many followers, so that there are more comments under a post than are looked through; of few.
POPULAR, QUIET = "aurora.studio", "tiny.pottery"


def lose_rows(actor: Actor, made_at: Any = None) -> None:
    """As a backup does that was made before any of it."""
    Attempt.objects.all().delete()
    Item.objects.all().delete()
    Batch.objects.all().delete()
    now = actor.instagram.clock()
    restored.send(sender=lose_rows, made_at=made_at or now - timedelta(days=1), now=now)
    actor.instagram.clock.move(timedelta(days=1, minutes=1))  # every login rests for a day


def comment(actor: Actor, post: int, text: str = "What a view!") -> Batch:
    batch, job = actor.confirm([post], COMMENT, texts={post: text})
    return actor.work(batch, job)


def test_batches_wait_for_a_person_and_the_gap_is_kept(actor: Actor, clock: ManualClock) -> None:
    batch, _job = actor.confirm(actor.strangers(1))
    made_at = clock() - timedelta(hours=3)
    restored.send(sender=Batch, made_at=made_at, now=clock())
    batch.refresh_from_db()
    assert batch.state == BatchState.PAUSED
    assert RestoreGap.objects.since(None) == (made_at, clock())
    assert RestoreGap.objects.since(clock() - timedelta(minutes=1)) == (made_at, clock())
    assert RestoreGap.objects.since(clock()) is None  # made after the restore: nothing about it can be missing


def test_of_several_restores_the_longest_gap_counts(clock: ManualClock, db: None) -> None:
    for days in (5, 9, 2):
        now = clock() - timedelta(days=days - 1)
        RestoreGap.objects.create(made_at=clock() - timedelta(days=days), restored_at=now)
    assert RestoreGap.objects.since(None) == (clock() - timedelta(days=9), clock() - timedelta(days=1))
    assert RestoreGap.objects.since(clock() - timedelta(days=3)) == (
        clock() - timedelta(days=2), clock() - timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize("text", ["What a view!", "rewritten since"])
def test_a_comment_whose_row_was_lost_is_found_whatever_its_text(actor: Actor, text: str) -> None:
    post = actor.posts_of(QUIET, 1)[0]
    comment(actor, post, text)
    lose_rows(actor)
    assert states(comment(actor, post)) == ["already"]
    assert actor.on_posts() == [("comment", post)]


def test_under_few_comments_a_whole_reading_shows_that_nothing_was_written(actor: Actor) -> None:
    post = actor.posts_of(QUIET, 1)[0]
    lose_rows(actor)
    assert states(comment(actor, post)) == ["done"]
    assert actor.on_posts() == [("comment", post)]


def test_under_many_comments_it_is_parked_until_a_person_looked(
    actor: Actor, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PAGES_AFTER_RESTORE", looking.PAGES)
    post = actor.discussed(POPULAR, 50)
    lose_rows(actor)
    batch = comment(actor, post)
    item = Item.objects.get(batch=batch)
    assert (item.state, actor.on_posts()) == (ItemState.UNKNOWN, [])
    assert "backup" in item.note
    order: dict[str, Any] = {"item": item, "by": actor.instagram.person, "now": clock()}
    with pytest.raises(judging.NothingSent):
        judging.look_again(**order)
    assert states(comment(actor, post)) == ["unknown"]  # a new batch knows no more
    clock.move(timedelta(minutes=1))
    judging.it_did_not(**order | {"now": clock()})
    assert after_restore.unrecorded_since(item, None) is None
    assert states(comment(actor, post)) == ["done"]
    assert actor.on_posts() == [("comment", post)]


def test_without_a_restore_many_comments_keep_nobody(actor: Actor) -> None:
    post = actor.discussed(POPULAR, 50)
    assert states(comment(actor, post)) == ["done"]
