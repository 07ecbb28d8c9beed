"""Feeds: the address is the key, the content is escaped, an unchanged feed costs nothing, a revoked one is gone."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, TrackedAccount
from monitoring import alerts, feeds
from monitoring.alerts import Finding, Subject
from monitoring.models import Alert, AlertFeed, AlertKind, AlertRule
from tests.people import Cast
from tests.people import cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(cast: Cast) -> TrackedAccount:
    return TrackedAccount.objects.create(workspace=cast.workspace, username="mira")


def happened(account: TrackedAccount, key: str, person: str = "@noor") -> Alert | None:
    rule = AlertRule.objects.get(workspace=account.workspace, kind=AlertKind.LOSSES)
    subject = Subject(f"account:{account.pk}", f"@{account.username}", "/accounts/", account=account)
    finding = Finding("person_lost.followers", key, {"person": person})
    return alerts.write(rule, subject, finding, at=timezone.now())


def made(cast: Cast, account: TrackedAccount) -> str:
    """The path of a new feed, as the editor is shown it once."""
    answer = cast.client(cast.editor).post("/alerts/feeds/", {"account": f"@{account.username}"})
    found = re.search(r'id="fresh-feed">http://testserver(/alerts/feed/[\w-]{43}/)<', answer.content.decode())
    assert found, answer.content.decode()
    return found[1]


def test_a_feed_is_read_by_whoever_has_its_address_and_by_nobody_else(cast: Cast, account: TrackedAccount) -> None:
    happened(account, "1", "<b>&\x08")
    elsewhere = TrackedAccount.objects.create(workspace=cast.elsewhere, username="mira")
    happened(elsewhere, "1", "@secret")
    path = made(cast, account)
    answer = Client().get(path)
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    channel = ElementTree.fromstring(answer.content).find("channel")  # noqa: S314 - our own document
    assert channel is not None
    [item] = channel.findall("item")
    assert item.findtext("title") == "<b>& no longer follows @mira. That is confirmed."
    assert item.findtext("link") == "http://testserver/accounts/"
    assert Client().get(f"{path[:-3]}xx/").status_code == 404
    assert Client().post(path).status_code == 405


def test_its_key_is_stored_as_a_hash_only(cast: Cast, account: TrackedAccount) -> None:
    key = made(cast, account).split("/")[-2]
    feed = AlertFeed.objects.get()
    assert key.encode() not in bytes(feed.token_hash)
    assert key not in cast.client(cast.editor).get("/alerts/feeds/").content.decode()


def test_an_unchanged_feed_answers_304_and_a_new_alert_changes_its_tag(cast: Cast, account: TrackedAccount) -> None:
    path = made(cast, account)
    tag = Client().get(path).headers["ETag"]
    assert Client().get(path, headers={"If-None-Match": tag}).status_code == 304
    happened(account, "2")
    answer = Client().get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_a_revoked_feed_is_gone_and_so_is_that_of_somebody_who_left(cast: Cast, account: TrackedAccount) -> None:
    first, second = made(cast, account), made(cast, account)
    feed = AlertFeed.objects.order_by("created_at")[0]
    assert cast.client(cast.viewer).post(f"/alerts/feeds/{feed.pk}/revoke/").status_code == 404
    assert cast.client(cast.owner).post(f"/alerts/feeds/{feed.pk}/revoke/").status_code == 302
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    Membership.objects.filter(user=cast.editor).delete()
    assert Client().get(second).status_code == 404


def test_an_account_of_another_workspace_has_no_feed_here(cast: Cast) -> None:
    TrackedAccount.objects.create(workspace=cast.elsewhere, username="theirs")
    answer = cast.client(cast.editor).post("/alerts/feeds/", {"account": "theirs"})
    assert answer.status_code == 422
    assert not AlertFeed.objects.exists()


def test_a_feed_speaks_the_language_of_its_maker(account: TrackedAccount, cast: Cast) -> None:
    happened(account, "1")
    feed, _key = feeds.make(account=account, by=cast.editor, language="es", now=timezone.now())
    document = feeds.document(feed, feeds.alerts_of(feed), site="http://testserver")
    assert b"<language>es</language>" in document
