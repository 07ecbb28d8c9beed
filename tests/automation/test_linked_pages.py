"""The page of linked accounts: who is one person, told by name or number; and what a batch says of it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import InstagramLogin, Profile, TrackedAccount
from automation import alternatives, lookups
from automation.models import AlternativeAccount, Batch, Exclusion, Item
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from scans.models import Direction
from tests.automation.test_pages_of_batches import FIRST, login, people, staged, text
from tests.people import Cast
from tests.scans import listed

__all__ = ["login"]
pytestmark = pytest.mark.django_db
ADDRESS = "/actions/linked/"


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def link(cast: Cast, *pks: int) -> None:
    alternatives.link(workspace=cast.workspace, pks=pks, note="same dog", by=cast.editor, now=timezone.now())


def test_accounts_are_linked_by_number_and_taken_apart_again(editor: Client, cast: Cast) -> None:
    one, other = people(2)
    assert "No accounts are linked yet" in text(editor.get(ADDRESS))
    answer = editor.post(f"{ADDRESS}add/", {"names": f"{one}, {other}", "note": "same dog"}, follow=True)
    page = text(answer)
    assert "They are linked" in page
    for shown in ("@potter0", "@potter1", "same dog"):
        assert shown in page
    editor.post(f"{ADDRESS}remove/", {"pk": str(one)})
    assert not AlternativeAccount.objects.exists()
    assert "not linked with another" in text(editor.post(f"{ADDRESS}remove/", {"pk": str(one)}, follow=True))
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"alternative.linked", "alternative.unlinked"} <= done


@pytest.mark.parametrize("names", ["", f"{FIRST}", f"{FIRST} {FIRST}", "no/body@at.all"])
def test_what_is_no_pair_of_accounts_is_refused_and_kept_in_the_form(editor: Client, names: str) -> None:
    people(1)
    answer = editor.post(f"{ADDRESS}add/", {"names": names})
    assert answer.status_code == 422
    assert names in text(answer)
    assert not AlternativeAccount.objects.exists()


def test_who_is_not_known_is_looked_up_when_that_is_said(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    known = people(1)[0]
    form = {"names": f"{known} @anna", "note": "her shop"}
    answer = editor.post(f"{ADDRESS}add/", form)
    assert answer.status_code == 422
    assert "1 person is not known here yet: @anna" in text(answer)
    answer = editor.post(f"{ADDRESS}add/", form | {"unknown": "look", "by": str(login.pk)})
    job = Job.objects.get(kind=lookups.LOOKUP)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    assert (job.params["known"], job.params["names"], job.params["note"]) == ([known], ["@anna"], "her shop")
    assert "Whoever is found is linked" in text(editor.get(answer.headers["Location"]))


def test_a_viewer_reads_the_list_and_others_see_nothing_of_it(cast: Cast) -> None:
    link(cast, *people(2))
    viewer = cast.client(cast.viewer)
    page = text(viewer.get(ADDRESS))
    assert "@potter0" in page
    assert "Not theirs" not in page
    assert viewer.post(f"{ADDRESS}add/", {"names": "1 2"}).status_code == 403
    assert viewer.post(f"{ADDRESS}remove/", {"pk": str(FIRST)}).status_code == 403
    assert "@potter0" not in text(cast.client(cast.stranger).get(ADDRESS))


def test_the_list_costs_the_same_however_long_it_is(editor: Client, cast: Cast) -> None:
    pks = people(40)
    link(cast, *pks[:2])
    editor.get(ADDRESS)
    with CaptureQueriesContext(connection) as few:
        editor.get(ADDRESS)
    for start in range(2, 40, 2):
        link(cast, *pks[start : start + 2])
    with CaptureQueriesContext(connection) as many:
        page = editor.get(ADDRESS)
    assert len(page.context["page"].items) == 20
    assert len(many) == len(few)


def test_the_review_says_by_which_account_somebody_is_known(editor: Client, cast: Cast, login: InstagramLogin) -> None:
    asked, followed, fan, other = people(4)
    me = Profile.objects.create(pk=FIRST + 99, username=login.username)
    InstagramLogin.objects.filter(pk=login.pk).update(profile=me)
    login.refresh_from_db()
    account = TrackedAccount.objects.create(workspace=cast.workspace, username=login.username, profile=me)
    listed.scanned(account, [listed.person(followed, "potter1")], direction=Direction.FOLLOWING)
    listed.scanned(account, [listed.person(fan, "potter2")], direction=Direction.FOLLOWERS)
    link(cast, asked, followed)
    link(cast, fan, other)
    batch: Batch = staged(cast, login, [asked, other])
    assert set(Item.objects.filter(batch=batch).values_list("exclusion", flat=True)) == {Exclusion.ALTERNATIVE}
    page = text(editor.get(f"/actions/{batch.pk}/"))
    assert "You follow their other account, @potter1" in page
    assert "Their other account, @potter2, follows you" in page
