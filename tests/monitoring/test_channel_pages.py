"""The pages and the API of notification channels: who may, what is said, and that no address comes out again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Workspace
from igsite.jobs.models import Job
from igsite.models import AuditEntry
from monitoring import channel_addresses, channel_words, channels
from monitoring.channels import Wish
from monitoring.models import ChannelKind, Delivery, DeliveryState, NotificationChannel
from tests.monitoring.test_deliveries import NOON, alert, channel_to
from tests.people import Cast, cast

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
PAGES = "/settings/notifications/"
API = "/api/v1/notification-channels"
TOKEN = "123456789:AbCdEfGhIjKlMnOpQrStUvWxYz012345678"
TELEGRAM = {
    "name": "Phone",
    "bot_token": TOKEN,
    "chat": "-100123",
    "least_severity": "info",
    "language": "en",
    "pace": "at_once",
}
#: What each kind needs at least, and the address that comes of it.
TYPED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "email": ({"recipients": "a@example.org b@example.org"}, {"mail": ["a@example.org", "b@example.org"]}),
    "telegram": ({"bot_token": TOKEN, "chat": "@studio"}, {"url": f"tgram://{TOKEN}/%40studio/"}),
    "discord": ({"webhook_url": "https://discord.com/api/webhooks/12/tok-en_1"}, {"url": "discord://12/tok-en_1/"}),
    "slack": ({"webhook_url": "https://hooks.slack.com/services/T1/B2/xYz"}, {"url": "slack://T1/B2/xYz/"}),
    "ntfy": ({"topic": "studio"}, {"url": "ntfys://ntfy.sh/studio"}),
    "webhook": ({"webhook_url": "https://h.example:8443/a?b=c"}, {"url": "jsons://h.example:8443/a?-b=c"}),
    "other": ({"address": "gotify://h.example/tok"}, {"url": "gotify://h.example/tok"}),
}
WRONG = [
    ("email", {"recipients": "nobody"}, "recipients"),
    ("email", {"recipients": "a@example.org", "mail_host": "mail.example", "sender": "x"}, "sender"),
    ("telegram", {"bot_token": "12", "chat": "1"}, "bot_token"),
    ("telegram", {"bot_token": TOKEN, "chat": "../x"}, "chat"),
    ("discord", {"webhook_url": "https://discord.com.evil.example/api/webhooks/12/t"}, "webhook_url"),
    ("slack", {"webhook_url": "http://hooks.slack.com/services/T1/B2/x"}, "webhook_url"),
    ("ntfy", {"topic": "a/b"}, "topic"),
    ("ntfy", {"topic": "a", "server": "ftp://h"}, "server"),
    ("webhook", {"webhook_url": "https://"}, "webhook_url"),
    ("webhook", {"webhook_url": "https://h.example:99999/"}, "webhook_url"),
    ("webhook", {"webhook_url": "https://h.example/\nx"}, "webhook_url"),
    ("webhook", {"webhook_url": "https://h.example/", "access_token": "two words"}, "access_token"),
    ("other", {"address": "file:///etc/passwd"}, "address"),
    ("other", {"address": "dbus://"}, "address"),
]


@pytest.fixture
def channel(cast: Cast) -> NotificationChannel:
    return channel_to(cast.workspace, "https://hook.example/secret-path")


@pytest.mark.parametrize("kind", list(TYPED))
def test_each_kind_has_plain_fields(kind: str) -> None:
    typed, sealed = TYPED[kind]
    assert json.loads(channel_addresses.address_of(kind, typed).sealed.reveal()) == sealed
    assert set(TYPED) == set(ChannelKind.values)


@pytest.mark.parametrize(("kind", "typed", "field"), WRONG)
def test_what_leads_nowhere_is_refused_at_its_field(kind: str, typed: dict[str, str], field: str) -> None:
    with pytest.raises(channel_addresses.ChannelInvalid) as refused:
        channel_addresses.address_of(kind, typed)
    assert list(refused.value.fields) == [field]


def test_an_owner_adds_a_channel_by_a_form_and_its_secret_is_shown_nowhere(cast: Cast) -> None:
    client = cast.client(cast.owner)
    answer = client.post(f"{PAGES}add/?kind=telegram", TELEGRAM)
    assert answer.status_code == 302, answer.content.decode()
    stored = NotificationChannel.objects.get()
    assert Job.objects.get(kind=channels.TRY).params == {"channel": str(stored.pk)}
    shown = [client.get(path).content.decode() for path in (PAGES, answer["Location"], f"{answer['Location']}status/")]
    shown += [client.get(f"{API}/{stored.pk}").content.decode(), str(list(Job.objects.values()))]
    shown += [str(list(AuditEntry.objects.values())), str(NotificationChannel.objects.values().get())]
    assert not [text for text in shown if TOKEN in text or TOKEN.split(":")[1] in text]
    assert "Telegram -100123" in shown[0]
    assert channels.opened(stored).reveal().count(TOKEN) == 1


def test_a_wrong_form_says_so_at_the_field_and_repeats_no_secret(cast: Cast) -> None:
    client = cast.client(cast.owner)
    answer = client.post(f"{PAGES}add/?kind=telegram", TELEGRAM | {"chat": "no chat", "title_template": "{nonsense}"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "The chat is a number" in text
    assert TOKEN not in text
    answer = client.post(f"{PAGES}add/?kind=telegram", TELEGRAM | {"title_template": "{nonsense}"})
    assert "{nonsense} is no placeholder" in answer.content.decode()
    assert not NotificationChannel.objects.exists()


def test_a_preview_shows_the_words_and_stores_nothing(cast: Cast) -> None:
    typed = TELEGRAM | {"title_template": "{severity}!", "body_template": "{about} {value}", "preview": "1"}
    text = cast.client(cast.owner).post(f"{PAGES}add/?kind=telegram", typed).content.decode()
    assert "Warning!" in text
    assert "@aurora.studio 10,250" in text
    assert not NotificationChannel.objects.exists()


def test_a_change_keeps_the_address_unless_another_is_typed(cast: Cast, channel: NotificationChannel) -> None:
    client, before = cast.client(cast.owner), channels.opened(channel).reveal()
    same = {
        "name": "renamed",
        "least_severity": "warning",
        "language": "es",
        "pace": "weekly",
        "at_time": "08:00",
        "weekday": "0",
    }
    assert client.post(f"{PAGES}{channel.pk}/", same).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.weekday, channel.state) == ("renamed", 0, "untried")
    assert channels.opened(channel).reveal() == before
    assert not Job.objects.filter(kind=channels.TRY).exists()
    client.post(f"{PAGES}{channel.pk}/", same | {"webhook_url": "https://other.example/"})
    channel.refresh_from_db()
    assert "other.example" in channels.opened(channel).reveal()
    assert Job.objects.filter(kind=channels.TRY).exists()


def test_a_page_shows_what_became_of_each_alert(cast: Cast, channel: NotificationChannel) -> None:
    found = alert(cast.workspace)
    Delivery.objects.create(
        channel=channel, alert=found, due_at=NOON, state=DeliveryState.UNKNOWN, error="interrupted|", ended_at=NOON
    )
    text = cast.client(cast.viewer).get(f"{PAGES}{channel.pk}/").content.decode()
    assert "@aurora, Followers: 10,250, above the limit of 10,000." in text
    assert "May have arrived" in text
    assert "interrupted" in text


def test_the_lists_ask_the_same_number_of_questions_however_long_they_are(
    cast: Cast, channel: NotificationChannel
) -> None:
    client, asked = cast.client(cast.owner), []
    for number in range(2):
        for more in range(4 * number):
            channel_to(cast.workspace, "https://h.example/", name=f"c{more}")
            Delivery.objects.create(channel=channel, alert=alert(cast.workspace), due_at=NOON)
        for path in (PAGES, f"{PAGES}{channel.pk}/", f"{API}/{channel.pk}/deliveries"):
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(path)
            asked.append(len(queries))
    assert asked[:3] == asked[3:]


def test_the_inbox_says_when_a_channel_does_not_work(cast: Cast, channel: NotificationChannel) -> None:
    words = "Alerts do not arrive at hook: h.example cannot be reached."
    assert words not in cast.client(cast.viewer).get("/alerts/").content.decode()
    NotificationChannel.objects.update(state="bad", failures=3, last_error="unreachable|h.example")
    assert words in cast.client(cast.viewer).get("/alerts/").content.decode()


def test_roles(cast: Cast, channel: NotificationChannel) -> None:
    page = f"{PAGES}{channel.pk}/"
    for path in (f"{PAGES}add/", f"{page}remove/"):
        assert cast.client(cast.editor).get(path).status_code == 403
    assert cast.client(cast.editor).post(page, {"name": "x"}).status_code == 403
    assert cast.client(cast.viewer).post(f"{page}switch/", {"to": "off"}).status_code == 403
    assert cast.client(cast.viewer).post(f"{page}test/").status_code == 403
    assert cast.client(cast.editor).post(f"{page}test/").status_code == 302
    assert cast.client(cast.editor).post(f"{page}switch/", {"to": "off"}).status_code == 302
    channel.refresh_from_db()
    assert not channel.is_enabled


def test_removing_erases_the_address(cast: Cast, channel: NotificationChannel) -> None:
    client = cast.client(cast.owner)
    assert "erased" in client.get(f"{PAGES}{channel.pk}/remove/").content.decode()
    client.post(f"{PAGES}{channel.pk}/remove/")
    assert not NotificationChannel.objects.exists()
    assert AuditEntry.objects.filter(action="channel.removed").exists()


def test_the_api_does_the_same(cast: Cast) -> None:
    client = cast.client(cast.owner)

    def tell(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return getattr(client, method)(f"{API}{path}", json.dumps(body or {}), content_type="application/json")

    made = tell("post", "", {"name": "Hook", "kind": "webhook", "webhook_url": "https://h.example/sec-ret"})
    assert made.status_code == 202, made.content
    assert "sec-ret" not in made.content.decode()
    path = f"/{made.json()['id']}"
    assert made.json()["goes_to"] == "h.example"
    assert tell("post", "", {"name": "Hook", "kind": "ntfy", "topic": "t"}).status_code == 409
    assert (
        tell("post", "", {"name": "In", "kind": "ntfy", "topic": "t", "server": "http://10.0.0.1"}).status_code == 422
    )
    changed = tell("put", path, {"name": "Hook", "kind": "webhook", "pace": "daily", "at_time": "08:00"})
    assert (changed.status_code, changed.json()["pace"]) == (200, "daily")
    assert tell("put", path, {"name": "Hook", "kind": "webhook", "pace": "daily"}).status_code == 422
    assert tell("put", path, {"name": "Hook", "kind": "ntfy"}).status_code == 409
    assert tell("post", f"{path}/switch", {"is_enabled": False}).json()["is_enabled"] is False
    assert tell("post", f"{path}/test").status_code == 202
    assert client.get(API).json()["items"][0]["name"] == "Hook"
    preview = tell("post", "/preview", {"name": "x", "language": "es", "body_template": "{limit}"})
    assert preview.json()["body"] == "10\N{NO-BREAK SPACE}000"
    assert tell("delete", path).status_code == 204
    assert client.get(f"{API}{path}").status_code == 404


@pytest.mark.parametrize("template", ["{what!r}", "{what:>9}", "{what.__class__}", "{0}", "{}", "{what[0]}", "{", "a}"])
def test_templates_take_placeholders_and_nothing_else(cast: Cast, template: str) -> None:
    with pytest.raises(channel_addresses.ChannelInvalid) as refused:
        channels.filled(NotificationChannel(workspace=cast.workspace), Wish("x", body_template=template))
    assert list(refused.value.fields) == ["body_template"]


def test_names_from_elsewhere_call_nobody_and_stay_text(cast: Cast, channel: NotificationChannel) -> None:
    found = alert(cast.workspace, about="@everyone <@123> <!channel> {what} \x07")
    message = channel_words.of_alert(channel, found)
    assert not [sign for sign in ("@everyone", "<@", "<!", "\x07") if sign in message.body]
    assert "{what}" in message.body
    link = alert(cast.workspace, about="[mira](https://evil.example) <https://evil.example|mira> @all")
    hidden = channel_words.of_alert(channel, link)
    assert not [sign for sign in ("](", "<http", "@all") if sign in hidden.title + hidden.body]


def test_a_digest_has_an_end(cast: Cast, channel: NotificationChannel) -> None:
    message = channel_words.of_many(channel, [alert(cast.workspace, about="@" + "a" * 60) for _number in range(60)])
    assert len(message.body) <= 1_800
    assert "more" in message.body


def test_a_digest_leads_to_the_inbox(cast: Cast, channel: NotificationChannel, settings: Any) -> None:
    settings.SITE_URL = "https://igsite.example"
    message = channel_words.of_many(channel, [alert(cast.workspace)])
    assert message.body.endswith(f"https://igsite.example{reverse('alerts:inbox')}")


def test_a_channel_within_our_own_network_is_refused_in_production(cast: Cast, settings: Any) -> None:
    settings.PRODUCTION = True
    for url in ("http://127.0.0.1/", "http://192.168.1.1/", "http://[::1]/", "http://169.254.169.254/latest/"):
        with pytest.raises(channel_addresses.ChannelInvalid, match="private or reserved"):
            channels.add(
                workspace=cast.workspace, kind="webhook", by=cast.owner, now=timezone.now(), wish=Wish("in"),
                address=channel_addresses.address_of("webhook", {"webhook_url": url}),
            )  # fmt: skip


def test_elsewhere_has_channels_of_its_own(cast: Cast, channel: NotificationChannel) -> None:
    assert isinstance(cast.elsewhere, Workspace)
    channel_to(cast.elsewhere, "https://h.example/", name=channel.name)
    assert cast.client(cast.stranger).get(f"{PAGES}{channel.pk}/").status_code == 404
