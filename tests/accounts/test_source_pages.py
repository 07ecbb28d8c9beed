"""The pages of sources and their twins in the API: order, keys, health; who may what; no key ever comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import answers, source_chains, source_overview
from accounts.gateway.results import Profile
from accounts.models import (
    Circuit,
    Part,
    Purpose,
    SourceAccess,
    SourceHealth,
    SourceName,
    SourceWait,
    TrackedAccount,
)
from igsite.jobs.models import Job, JobState
from igsite.models import AuditEntry
from tests.accounts.instagram import Instagram
from tests.people import Cast

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)
LOGIN, WEB, TIKHUB = SourceName.LOGIN, SourceName.WEB, SourceName.TIKHUB
LIST, ORDER = "/settings/sources/", "/settings/sources/order/"
CANARY = "tikhub-canary-key"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def step(client: Client, act: str, source: str = "", purpose: str = "profile", address: str = ORDER) -> None:
    answer = client.post(address, {"purpose": purpose, "source": source, "act": act})
    assert answer.status_code == 302


def chain(cast: Cast, account: TrackedAccount | None = None) -> tuple[SourceName, ...]:
    return source_chains.chain_for(cast.workspace, Purpose.PROFILE, account=account)


def test_the_order_is_changed_by_plain_buttons(cast: Cast) -> None:
    client = cast.client(cast.editor)
    step(client, "add", WEB)
    assert chain(cast) == (LOGIN, WEB)
    step(client, "up", WEB)
    assert chain(cast) == (WEB, LOGIN)
    step(client, "remove", LOGIN)
    assert chain(cast) == (WEB,)
    step(client, "remove", WEB)  # the last one stays
    assert chain(cast) == (WEB,)
    step(client, "reset")
    assert chain(cast) == source_chains.DEFAULT
    assert AuditEntry.objects.filter(action="sources.ordered", who=cast.editor).count() == 4


def test_nonsense_changes_nothing_and_is_answered_with_a_sentence(cast: Cast) -> None:
    client = cast.client(cast.editor)
    for act, source, purpose in (("add", "nobody", "profile"), ("dance", WEB, "profile"), ("add", WEB, "comments")):
        step(client, act, source, purpose)
        assert chain(cast) == source_chains.DEFAULT
        assert "Choose from the sources" in text(client.get(LIST)) or act == "dance" or source == "nobody"


def test_a_viewer_looks_and_changes_nothing(cast: Cast) -> None:
    client = cast.client(cast.viewer)
    page = text(client.get(LIST))
    assert "Who is asked, in which order" in page
    assert 'name="act"' not in page
    assert client.post(ORDER, {"purpose": "profile", "source": WEB, "act": "add"}).status_code == 403


def test_the_page_costs_the_same_whatever_is_broken(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            views = source_overview.overview(cast.workspace, now=NOW)
            source_overview.chains(cast.workspace, views)
        return len(queries)

    before = cost()
    for source in SourceName:
        for part in Part:
            SourceHealth.objects.create(source=source, part=part, state=Circuit.BROKEN, since=NOW, probe_at=NOW)
    assert cost() == before


def test_a_key_is_saved_by_the_owner_only_and_never_shown(cast: Cast, instagram: Instagram) -> None:
    instagram.simulator.control("services/key", {"service": "tikhub", "secret": CANARY, "dollars": 1, "owner": "ada"})
    address = reverse("settings:source_key", args=[TIKHUB])
    assert cast.client(cast.editor).post(address, {"key": CANARY}).status_code == 403
    owner = cast.client(cast.owner)
    assert owner.post(address, {"key": CANARY}).status_code == 302
    page = text(owner.get(reverse("settings:source", args=[TIKHUB])))
    assert "Stored encrypted" in page
    refused = owner.post(address, {"key": "tikhub-revoked"})
    assert refused.status_code == 422
    assert CANARY not in page + text(refused) + text(owner.get(LIST))
    assert "tikhub-revoked" not in text(refused)
    assert owner.get(reverse("settings:source_remove", args=[TIKHUB])).status_code == 200
    assert owner.post(reverse("settings:source_remove", args=[TIKHUB])).status_code == 302
    assert not SourceAccess.objects.filter(workspace=cast.workspace).exists()


def test_broken_for_everybody_is_said_with_since_when_and_how_many_wait(cast: Cast, instagram: Instagram) -> None:
    health = SourceHealth.objects.create(
        source=WEB, part=Part.FOLLOWERS, state=Circuit.BROKEN, since=NOW - timedelta(hours=3), probe_at=NOW, note="Odd."
    )
    client = cast.client(cast.editor)
    page = text(client.get(reverse("settings:source", args=[WEB])))
    assert "broken for everybody since" in page
    assert "goes on by itself" not in page
    job = Job.objects.create(workspace=cast.workspace, kind="scans.people", state=JobState.WAITING, due_at=NOW)
    SourceWait.objects.create(health=health, job_uuid=job.uuid, since=NOW)
    assert "1 task waits; it goes on by itself." in text(client.get(reverse("settings:source", args=[WEB])))
    assert "Broken for everybody" in text(client.get(LIST))
    pressed = client.post(reverse("settings:source_try", args=[WEB]), {"part": "followers"}, follow=True)
    assert "It is being tried." in text(pressed)
    again = client.post(reverse("settings:source_try", args=[WEB]), {"part": "followers"}, follow=True)
    assert "It is being tried already" in text(again)


def test_an_account_has_an_order_of_its_own_and_a_switch_for_logins(cast: Cast) -> None:
    account = TrackedAccount.objects.create(workspace=cast.workspace, username="aurora")
    address = reverse("accounts:sources", args=[account.pk])
    client = cast.client(cast.editor)
    step(client, "add", WEB, address=address)
    assert chain(cast, account) == (LOGIN, WEB)
    assert chain(cast) == (LOGIN,)
    assert "Its own order" in text(client.get(address))
    client.post(address, {"uses_login": "0"})
    account.refresh_from_db()
    assert chain(cast, account) == (WEB,)
    assert "No login reads this account" in text(client.get(address))
    step(client, "reset", address=address)
    assert "Its own order" not in text(client.get(address))
    assert cast.client(cast.stranger).get(address).status_code == 404


def test_the_api_does_the_same(cast: Cast, instagram: Instagram) -> None:
    client = cast.client(cast.owner)

    def send(method: str, path: str, body: object = None) -> Any:
        return getattr(client, method)(f"/api/v1/sources{path}", json.dumps(body), content_type="application/json")

    assert [one["name"] for one in client.get("/api/v1/sources").json()] == list(SourceName)
    assert send("put", "/chains/profile", {"sources": ["web_public", "instagrapi_private"]}).status_code == 200
    assert client.get("/api/v1/sources/chains").json()[0]["sources"] == ["web_public", "instagrapi_private"]
    assert send("put", "/chains/profile", {"sources": []}).status_code == 422
    assert send("put", "/chains/comments", {"sources": ["web_public"]}).status_code == 422
    assert send("put", "/chains/dreams", {"sources": ["web_public"]}).status_code == 422
    kept = send("put", "/tikhub/key", {"key": "tikhub-demo"})
    assert (kept.status_code, kept.json()["has_key"], kept.json()["is_well"]) == (200, True, True)
    assert "tikhub-demo" not in kept.content.decode()
    assert send("put", "/tikhub/key", {"key": "tikhub-revoked"}).status_code == 422
    assert send("post", "/tikhub/check").json()["is_well"] is True
    assert send("delete", "/tikhub/key").status_code == 204
    assert send("delete", "/tikhub/key").status_code == 404
    account = TrackedAccount.objects.create(workspace=cast.workspace, username="aurora")
    own = send("put", f"/of/{account.pk}/people", {"sources": ["web_public"]})
    assert [one["is_own"] for one in own.json() if one["purpose"] == "people"] == [True]
    assert send("patch", f"/of/{account.pk}", {"uses_login": False}).status_code == 204
    account.refresh_from_db()
    assert account.uses_login is False
    assert cast.client(cast.stranger).get(f"/api/v1/sources/of/{account.pk}").status_code == 404


def test_the_cache_is_shown_with_its_age_to_its_own_workspace(cast: Cast) -> None:
    profile = Profile(7, "aurora", followers_count=None)
    answers.keep(cast.workspace, profile, WEB, now=datetime.now(UTC) - timedelta(hours=3))
    said = cast.client(cast.viewer).get("/api/v1/sources/kept/aurora").json()
    assert (said["instagram_id"], said["followers_count"], said["is_stale"]) == (7, None, True)
    assert said["age_seconds"] >= 3 * 3600
    assert cast.client(cast.stranger).get("/api/v1/sources/kept/aurora").status_code == 404
