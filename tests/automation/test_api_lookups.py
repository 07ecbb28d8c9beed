"""Whom nobody here knows is named, or looked up by a login that the request names: safelists, comparisons, batches."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import InstagramLogin, Workspace
from automation import lookups
from automation.models import Batch, Comparison, SafelistEntry
from igsite.jobs.models import Job
from tests.automation.test_api import editor, login, prepare, send
from tests.people import Cast, cast

__all__ = ["cast", "editor", "login"]
SAFE, COMPARE = "/safelists/do_not_follow", "/left-right-compare/prepare"


@pytest.mark.django_db
def test_without_a_login_strangers_are_named_and_nothing_is_done(editor: Client, login: InstagramLogin) -> None:
    for path, body, fields in (
        (SAFE, {"people": ["101", "@nobody.here"]}, {"people": ["@nobody.here"]}),
        (COMPARE, {"left": ["@who", "101"], "right": ["102", "@else"]}, {"left": ["@who"], "right": ["@else"]}),
    ):
        refused = send(editor, path, body)
        error = refused.json()["error"]
        assert (refused.status_code, error["code"], error["fields"]) == (422, "unknown_people", fields)
    assert not SafelistEntry.objects.exists()
    assert not Comparison.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_login_looks_them_up_by_a_job(editor: Client, login: InstagramLogin) -> None:
    by = {"login_id": str(login.pk)}
    answers = [
        send(editor, SAFE, by | {"people": ["101", "@anna", "!"], "note": "x"}, **{"Idempotency-Key": "a"}),
        send(editor, SAFE, by | {"people": ["101", "@anna", "!"], "note": "x"}, **{"Idempotency-Key": "a"}),
        send(editor, COMPARE, by | {"left": ["@anna"], "right": ["101", "@ben"]}),
        prepare(editor, login, people=["101", "@anna"], unknown="look", starts_at="2027-01-01T08:00:00Z"),
    ]
    assert [one.status_code for one in answers] == [202] * 4
    safe, again, compared, staged = (one.json() for one in answers)
    jobs = {str(one.uuid): one for one in Job.objects.filter(kind=lookups.LOOKUP)}
    assert (len(jobs), safe) == (3, again)
    assert (safe["looked_up"], safe["odd"]) == (["@anna"], ["!"])
    assert jobs[safe["job_id"]].params["known"] == [[101, "x"]]
    assert compared["looked_up"] == ["@anna", "@ben"]
    assert jobs[compared["job_id"]].params["sides"] == {"left": ["@anna"], "right": [101, "@ben"]}
    assert jobs[staged["job_id"]].params["starts_at"] == "2027-01-01T08:00:00+00:00"
    assert editor.get(f"/api/v1/jobs/{staged['job_id']}").json()["state"] == "queued"
    assert not SafelistEntry.objects.exists()
    assert not Batch.objects.exists()


@pytest.mark.django_db
def test_who_may_not_and_logins_of_others_look_nobody_up(cast: Cast, editor: Client, login: InstagramLogin) -> None:
    theirs = InstagramLogin.objects.create(workspace=Workspace.objects.create(name="Elsewhere"), username="own")
    viewer = cast.signed_in(cast.viewer)
    for path, body in ((SAFE, {"people": ["@anna"]}), (COMPARE, {"left": ["@anna"], "right": ["101"]})):
        assert send(editor, path, body | {"login_id": str(theirs.pk)}).status_code == 404
        assert send(viewer, path, body | {"login_id": str(login.pk)}).status_code == 403
    many = [f"@anna{n}" for n in range(lookups.MOST + 1)]
    refused = send(editor, SAFE, {"people": many, "login_id": str(login.pk)})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "too_many_unknown")
    assert not Job.objects.exists()
