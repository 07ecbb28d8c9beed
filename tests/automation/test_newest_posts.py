"""The newest posts of an account, read within a login's budget, as targets of likes and comments."""

from __future__ import annotations

import pytest

from automation import post_lookups
from automation.comment_texts import TextInvalid
from automation.models import ActionKind, Attempt, Batch, Item
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor

LIKE, COMMENT = ActionKind.LIKE, ActionKind.COMMENT


def test_the_newest_posts_of_an_account_become_a_batch(actor: Actor, clock: ManualClock) -> None:
    wanted = post_lookups.Wanted(COMMENT, "tiny.pottery", 2, "Hello", [10**15], {10**15: "Dear"})
    job = post_lookups.order(
        workspace=actor.instagram.workspace, login=actor.login, wanted=wanted, by=actor.instagram.person, now=clock()
    )
    work_off(job, clock)
    batch = Batch.objects.get(pk=job.result["batch"])
    newest = actor.posts_of("tiny.pottery", 2)
    assert list(Item.objects.filter(batch=batch).order_by("position").values_list("target_pk", "text")) == [
        (10**15, "Dear"), (newest[0], "Hello"), (newest[1], "Hello")
    ]  # fmt: skip
    assert batch.created_by == actor.instagram.person
    assert not Attempt.objects.exists()


def test_an_account_that_is_not_there_makes_no_batch(actor: Actor, clock: ManualClock) -> None:
    wanted = post_lookups.Wanted(LIKE, "no.body.of.this.name", 2)
    job = post_lookups.order(
        workspace=actor.instagram.workspace, login=actor.login, wanted=wanted, by=None, now=clock()
    )  # fmt: skip
    work_off(job, clock)
    assert (job.state, job.error_code) == ("failed", "gone")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(("kind", "text", "texts"), [
    (COMMENT, "", {}),  # the newest posts would have no words
    (COMMENT, "Hello", {10**15: " "}),
    (LIKE, "Hello", {}),
])  # fmt: skip
def test_words_are_looked_at_before_anything_is_read(
    kind: ActionKind, text: str, texts: dict[int, str], actor: Actor, clock: ManualClock
) -> None:
    wanted = post_lookups.Wanted(kind, "tiny.pottery", 2, text, list(texts), texts)
    with pytest.raises(TextInvalid):
        post_lookups.order(
            workspace=actor.instagram.workspace, login=actor.login, wanted=wanted, by=None, now=clock()
        )  # fmt: skip
    assert not Job.objects.filter(kind=post_lookups.POSTS).exists()
