"""Likes and comments from the pages: named posts, the newest of an account, the words of each comment."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts.gateway.providers.post_codes import code_of_pk
from accounts.models import InstagramLogin
from automation import post_lookups, post_names
from automation.models import ActionKind, Batch, BatchState, Item
from igsite.jobs.models import Job
from tests.automation.test_pages_of_batches import login, people, staged, text
from tests.people import Cast

__all__ = ["login"]
pytestmark = pytest.mark.django_db
POST, OTHER = 3_100_000_000_000_000_001, 3_100_000_000_000_000_002


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def texts(batch: Batch) -> list[str]:
    return list(Item.objects.filter(batch=batch).order_by("position").values_list("text", flat=True))


def commented(editor: Client, login: InstagramLogin) -> Batch:
    """A staged batch of two comments, one with words of its own."""
    posts = f"{POST} Lovely <b>light</b>\nhttps://www.instagram.com/p/{code_of_pk(OTHER)}/"
    form = {"kind": "comment", "login": login.pk, "posts": posts, "text": "What a view!"}
    answer = editor.post("/actions/stage/posts/", form)
    batch = Batch.objects.get(kind=ActionKind.COMMENT)
    assert answer.headers["Location"] == f"/actions/{batch.pk}/"
    return batch


def test_addresses_codes_and_numbers_become_a_batch_of_likes(editor: Client, login: InstagramLogin) -> None:
    assert "Likes and comments" in text(editor.get("/actions/new/posts/"))
    posts = f"https://www.instagram.com/p/{code_of_pk(POST)}/?igsh=1 {OTHER}\n{code_of_pk(POST)}"
    editor.post("/actions/stage/posts/", {"kind": "like", "login": login.pk, "posts": posts, "text": "not asked for"})
    batch = Batch.objects.get()
    assert batch.kind == ActionKind.LIKE
    assert list(Item.objects.filter(batch=batch).order_by("position").values_list("target_pk", "text")) == [
        (POST, ""), (OTHER, "")
    ]  # fmt: skip
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "Like 2 posts from @kiln.login" in page
    assert "Never again" not in page  # posts are on no safelist


def test_each_comment_has_its_words_and_each_is_rewritten_in_the_review(editor: Client, login: InstagramLogin) -> None:
    batch = commented(editor, login)
    assert texts(batch) == ["Lovely <b>light</b>", "What a view!"]
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "Lovely &lt;b&gt;light&lt;/b&gt;" in page
    item = Item.objects.get(batch=batch, target_pk=POST)
    address = f"/actions/items/{item.pk}/words/"
    assert address in page
    assert "Lovely &lt;b&gt;light" in text(editor.get(address))
    answer = editor.post(address, {"text": " "})
    assert answer.status_code == 422
    assert "Write a text for each comment" in text(answer)
    editor.post(address, {"text": "Lovely light"})
    assert texts(batch) == ["Lovely light", "What a view!"]
    editor.post(address, {"text": "Both", "all": "1"})
    assert texts(batch) == ["Both", "Both"]


def test_what_was_confirmed_is_not_rewritten(editor: Client, login: InstagramLogin) -> None:
    batch = commented(editor, login)
    item = Item.objects.get(batch=batch, target_pk=POST)
    Batch.objects.update(state=BatchState.RUNNING, confirmed_at=timezone.now(), job_uuid=uuid.uuid4())
    for form in ({"text": "Too late"}, {"text": "Too late", "all": "1"}):
        answer = editor.post(f"/actions/items/{item.pk}/words/", form)
        assert answer.status_code == 422
        assert "What was confirmed stays as it is" in text(answer)
    assert texts(batch) == ["Lovely <b>light</b>", "What a view!"]


def test_a_person_of_a_batch_has_no_words(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    item = Item.objects.get(batch=staged(cast, login, people(1)))
    assert "Only comments have a text" in text(editor.get(f"/actions/items/{item.pk}/words/"))


@pytest.mark.parametrize(
    "form",
    [
        {"kind": "like", "posts": ""},
        {"kind": "like", "posts": "no!post"},
        {"kind": "comment", "posts": str(POST)},
        {"kind": "comment", "account": "@anna", "posts": f"{POST} words of its own"},
        {"kind": "like", "account": "no/body@at.all"},
        {"kind": "like", "account": "@anna", "newest": "99"},
        {"kind": "follow", "posts": str(POST)},
    ],
)
def test_what_makes_no_batch_is_said_and_nothing_typed_is_lost(
    editor: Client, login: InstagramLogin, form: dict[str, str]
) -> None:
    answer = editor.post("/actions/stage/posts/", form | {"login": str(login.pk)})
    assert answer.status_code == 422
    page = text(answer)
    assert form.get("posts", "") in page
    assert form.get("account", "") in page
    assert not Batch.objects.exists()
    assert not Job.objects.exists()


def test_the_newest_posts_of_an_account_are_read_by_a_job(editor: Client, login: InstagramLogin) -> None:
    form = {"kind": "comment", "login": str(login.pk), "account": "@Anna", "newest": "2", "text": "Hello",
            "posts": f"{POST} Dear"}  # fmt: skip
    answer = editor.post("/actions/stage/posts/", form)
    job = Job.objects.get(kind=post_lookups.POSTS)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    wanted = {name: job.params[name] for name in ("account", "count", "posts", "texts", "text")}
    assert wanted == {"account": "anna", "count": 2, "posts": [POST], "texts": [[POST, "Dear"]], "text": "Hello"}
    assert "The newest posts of the account are read" in text(editor.get(answer.headers["Location"]))


def test_a_viewer_stages_nothing_and_rewrites_nothing(cast: Cast, editor: Client, login: InstagramLogin) -> None:
    batch, viewer = commented(editor, login), cast.client(cast.viewer)
    item = Item.objects.filter(batch=batch).first()
    assert item is not None
    assert viewer.get("/actions/new/posts/").status_code == 403
    assert viewer.post("/actions/stage/posts/", {"kind": "like"}).status_code == 403
    assert "readonly" in text(viewer.get(f"/actions/items/{item.pk}/words/"))
    assert viewer.post(f"/actions/items/{item.pk}/words/", {"text": "mine"}).status_code == 403


def test_what_stands_behind_a_post_is_its_comment_or_more_posts() -> None:
    code = code_of_pk(POST)
    assert post_names.read(f"{code} so  nice\n\n{code} again", with_words=True).posts == {POST: "so  nice"}
    assert post_names.read(f"{code}, {OTHER}", with_words=False).posts == {POST: "", OTHER: ""}
    assert post_names.read("a!b", with_words=True).odd == ["a!b"]
