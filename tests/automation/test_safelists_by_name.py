"""Safelists: whom nobody knows yet is looked up; people are put on one from the rows of lists and of a review."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import InstagramLogin, Profile, TrackedAccount
from automation import batches, lookups, naming
from automation.models import ActionKind, Exclusion, Item, Safelist, SafelistEntry
from igsite.jobs.models import Job
from igsite.jobs.runner import ManualClock
from tests.accounts.working_off import work_off
from tests.automation.actor import Actor
from tests.automation.test_pages_of_batches import FIRST, people, staged, text
from tests.automation.test_pages_of_batches import login as kiln
from tests.people import Cast
from tests.scans import listed

__all__ = ["kiln"]
NEVER = "/actions/safelists/never_unfollow/"


@pytest.fixture
def editor(cast: Cast) -> Client:
    return cast.client(cast.editor)


def safe(which: Safelist = Safelist.NEVER_UNFOLLOW) -> dict[int, str]:
    return dict(SafelistEntry.objects.filter(safelist=which).values_list("target_pk", "note"))


def test_whoever_is_found_is_put_on_the_list_with_the_note(actor: Actor, clock: ManualClock) -> None:
    unknown = naming.read_text("username,note\ngap.gallery,their own\nno.body.of.this.name,x\ntiny.pottery,").people
    job = lookups.order_safe(
        workspace=actor.instagram.workspace, login=actor.login, which=Safelist.NEVER_UNFOLLOW, known={7: "known"},
        unknown=unknown, note="friends", by=actor.instagram.person, now=clock(),
    )  # fmt: skip
    work_off(job, clock)
    assert (job.state, job.result["missing"]) == ("done", ["@no.body.of.this.name"])
    pk_of = dict(Profile.objects.values_list("username", "pk"))
    assert safe() == {7: "known", pk_of["gap.gallery"]: "their own", pk_of["tiny.pottery"]: "friends"}
    assert SafelistEntry.objects.filter(added_by=actor.instagram.person).count() == 3
    assert job.result["url"] == NEVER


def test_accounts_of_one_person_are_linked_when_all_were_looked_up(actor: Actor, clock: ManualClock) -> None:
    unknown = naming.read_text("@gap.gallery @tiny.pottery").people
    order: dict[str, Any] = {
        "workspace": actor.instagram.workspace, "login": actor.login, "known": [], "note": "", "by": None
    }  # fmt: skip
    job = lookups.order_link(**order, unknown=unknown, now=clock())
    work_off(job, clock)
    assert (job.state, job.result["url"]) == ("done", "/actions/linked/")
    lonely = lookups.order_link(**order, unknown=naming.read_text("@northwind_run").people, now=clock())
    work_off(lonely, clock)
    assert (lonely.state, lonely.error_code) == ("failed", "link_invalid")


@pytest.mark.django_db
def test_who_is_not_known_is_asked_for_and_looked_up_by_a_login(
    editor: Client, kiln: InstagramLogin, cast: Cast
) -> None:
    pk = people(1)[0]
    form = {"names": f"{pk} @anna", "note": "friends"}
    answer = editor.post(f"{NEVER}add/", form)
    assert answer.status_code == 422
    assert "1 person is not known here yet: @anna" in text(answer)
    assert safe() == {}
    answer = editor.post(f"{NEVER}add/", form | {"unknown": "look", "by": str(kiln.pk)})
    job = Job.objects.get(kind=lookups.LOOKUP)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    assert (job.params["known"], job.params["notes"]) == ([[pk, "friends"]], {"@anna": "friends"})
    assert "put on the safelist" in text(editor.get(answer.headers["Location"]))
    editor.post(f"{NEVER}add/", form | {"unknown": "leave"})
    assert safe() == {pk: "friends"}


@pytest.mark.django_db
def test_without_a_login_nobody_can_be_looked_up_and_nobody_is_lost(editor: Client) -> None:
    answer = editor.post(f"{NEVER}add/", {"names": "@anna", "unknown": "look"})
    assert answer.status_code == 422
    assert "@anna" in text(answer)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_file_may_have_its_strangers_looked_up(editor: Client, kiln: InstagramLogin) -> None:
    pk = people(1)[0]
    rows = f"pk,username,note\n{pk},,mine\n,anna,theirs\n".encode()
    page = editor.post(f"{NEVER}import/", {"file": SimpleUploadedFile("people.csv", rows)})
    assert "1 row names nobody who is known here: <bdi>@anna" in text(page)
    carried = {name: page.context["form"].initial[name] for name in ("rows", "strange")}
    answer = editor.post(f"{NEVER}import/", {**carried, "by": str(kiln.pk), "confirm": "1"})
    job = Job.objects.get(kind=lookups.LOOKUP)
    assert answer.headers["Location"] == f"/actions/lookups/{job.uuid}/"
    assert (job.params["names"], job.params["notes"]) == (["@anna"], {"@anna": "theirs"})
    assert safe() == {pk: "mine"}
    SafelistEntry.objects.all().delete()
    editor.post(f"{NEVER}import/", {**carried, "confirm": "1"})
    assert Job.objects.count() == 1
    assert safe() == {pk: "mine"}


@pytest.mark.django_db
@pytest.mark.parametrize("carried", ["[" * 50_000, "null", '{"a": [null]}', '[["anna", "\\ud800", 3]]', "[[]]", "{"])
@pytest.mark.parametrize("field", ["rows", "strange"])
def test_what_is_carried_by_hand_is_refused_and_breaks_nothing(editor: Client, field: str, carried: str) -> None:
    form = {"rows": "[[5, null]]", "strange": "", "confirm": "1"} | {field: carried}
    assert editor.post(f"{NEVER}import/", form).status_code == 422
    assert safe() == {}


@pytest.mark.django_db
def test_a_row_of_the_people_page_puts_somebody_on_a_safelist(editor: Client, cast: Cast) -> None:
    account = TrackedAccount.objects.create(workspace=cast.workspace, username="kiln")
    listed.scanned(account, [listed.person(FIRST, "anna")])
    for look in ("grid", "table"):
        page = text(editor.get(f"/accounts/{account.pk}/people/?look={look}"))
        assert f'value="never_unfollow:{FIRST}"' in page
    viewed = text(cast.client(cast.viewer).get(f"/accounts/{account.pk}/people/"))
    assert f'value="never_unfollow:{FIRST}"' not in viewed
    htmx = {"HX-Request": "true"}
    answer = editor.post("/actions/safe/", {"put": f"never_unfollow:{FIRST}"}, headers=htmx)
    assert answer.status_code == 204
    assert "Never unfollow" in answer.headers["HX-Trigger"]
    assert safe() == {FIRST: ""}
    again = editor.post("/actions/safe/", {"put": f"never_unfollow:{FIRST}"}, headers=htmx)
    assert "already" in again.headers["HX-Trigger"]
    plain = editor.post("/actions/safe/", {"put": f"do_not_follow:{FIRST}", "back": "/accounts/"})
    assert plain.headers["Location"] == "/accounts/"
    away = editor.post("/actions/safe/", {"put": f"do_not_follow:{FIRST}", "back": "//evil.example/"})
    assert away.headers["Location"] == "/actions/safelists/do_not_follow/"


@pytest.mark.django_db
@pytest.mark.parametrize("put", ["", "never_unfollow:", "never_unfollow:x", "nothing:5", f"never_unfollow:{FIRST}"])
def test_nobody_whom_the_workspace_never_saw_is_put_on_it(editor: Client, put: str) -> None:
    Profile.objects.create(pk=FIRST, username="elsewhere.only")
    assert editor.post("/actions/safe/", {"put": put}).status_code == 404
    assert safe() == {}


@pytest.mark.django_db
def test_menus_in_rows_ask_the_database_nothing(editor: Client, cast: Cast) -> None:
    account = TrackedAccount.objects.create(workspace=cast.workspace, username="kiln")
    address = f"/accounts/{account.pk}/people/"
    listed.scanned(account, [listed.person(FIRST)])
    editor.get(address)
    with CaptureQueriesContext(connection) as few:
        editor.get(address)
    listed.scanned(account, [listed.person(FIRST + n) for n in range(50)])
    editor.get(address)
    with CaptureQueriesContext(connection) as many:
        editor.get(address)
    assert len(many) == len(few)


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "which"), [("follow", Safelist.DO_NOT_FOLLOW), ("unfollow", Safelist.NEVER_UNFOLLOW)])
def test_a_review_puts_people_on_the_safelist_of_its_kind(
    editor: Client, cast: Cast, kiln: InstagramLogin, kind: str, which: Safelist
) -> None:
    batch = staged(cast, kiln, people(3), ActionKind(kind))
    one, other, third = Item.objects.filter(batch=batch).order_by("position")
    address = f"/actions/{batch.pk}/choose/"
    assert "Never again" in text(editor.get(f"/actions/{batch.pk}/"))
    editor.post(address, {"one": f"safe:{one.pk}"})
    editor.post(address, {"act": "safe", "ids": [other.pk]})
    assert safe(which) == {one.target_pk: "", other.target_pk: ""}
    third.refresh_from_db()
    left = Item.objects.filter(batch=batch, exclusion=Exclusion.SAFELIST)
    assert (left.count(), third.state) == (2, "waiting")
    batches.confirm(batch=batch, by=cast.editor, now=timezone.now())
    answer = editor.post(address, {"one": f"safe:{third.pk}"}, follow=True)
    assert "was confirmed or cancelled already" in text(answer)
    assert third.target_pk not in safe(which)
