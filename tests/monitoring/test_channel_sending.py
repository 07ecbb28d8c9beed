"""Messages leave through the real Apprise, in a process of its own, and reach nobody within our own network."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from django.core import mail
from django.test import override_settings

from igsite.secrets import Secret
from monitoring import channel_guard, channel_sender, channel_sending, channel_troubles
from monitoring.channel_addresses import address_of
from monitoring.channel_sending import Message
from monitoring.models import ChannelKind
from tests.monitoring.receivers import MailServer, WebReceiver, mail_server, web

__all__ = ["mail_server", "web"]
ROOT = Path(__file__).resolve().parents[2]
MESSAGE = Message("Studio: a count", "@aurora <b> has 10,250 – above the limit.")


def send(kind: str, **typed: Any) -> channel_sending.Sent:
    return channel_sending.send(address_of(kind, typed).sealed, MESSAGE)


def send_url(url: str) -> channel_sending.Sent:
    return channel_sending.send(Secret(json.dumps({"url": url})), MESSAGE)


def code(sent: channel_sending.Sent) -> str:
    return channel_troubles.code_of(sent.trouble)


def test_a_webhook_gets_the_message_as_json_with_its_own_parameters_and_token(web: WebReceiver) -> None:
    url = f"{web.url}/hook/ä b?team=blue&x=1%2B1"
    assert send(ChannelKind.WEBHOOK, webhook_url=url, access_token="tok-1").is_well
    [(path, headers, body)] = web.got
    assert json.loads(body)["title"] == MESSAGE.title
    assert json.loads(body)["message"] == MESSAGE.body
    assert path == "/hook/%C3%A4%20b?team=blue&x=1%2B1"
    assert headers["Authorization"] == "Bearer tok-1"


def test_ntfy_gets_topic_title_and_token(web: WebReceiver) -> None:
    assert send(ChannelKind.NTFY, topic="studio", server=web.url, access_token="tk_1").is_well
    [(_path, headers, body)] = web.got
    assert json.loads(body) == {"topic": "studio", "title": MESSAGE.title, "message": MESSAGE.body}
    assert headers["Authorization"] == "Bearer tk_1"


def test_a_mail_goes_by_the_channels_own_server(mail_server: MailServer) -> None:
    sent = send(
        ChannelKind.EMAIL, recipients="ann@example.org, bob@example.org", mail_host="127.0.0.1",
        mail_port=mail_server.port, mail_security="insecure", mail_user="igsite@example.net", mail_password="p:w/d@1",
        sender="igsite@example.net",
    )  # fmt: skip
    assert sent.is_well, sent
    assert len(mail_server.mails) == 2
    found = message_from_string(mail_server.mails[0])
    assert found["Subject"] == MESSAGE.title
    assert "igsite@example.net" in found["From"]
    assert any(line.startswith("AUTH") for line in mail_server.lines)


def test_a_mail_without_a_server_goes_by_the_sites_own() -> None:
    assert send(ChannelKind.EMAIL, recipients="ann@example.org").is_well
    [found] = mail.outbox
    assert (found.to, found.subject, found.body) == (["ann@example.org"], MESSAGE.title, MESSAGE.body)


def test_a_mail_server_that_hangs_up_after_the_message_leaves_it_unknown(mail_server: MailServer) -> None:
    mail_server.falls_silent = True
    typed = {"mail_host": "127.0.0.1", "mail_port": mail_server.port, "mail_security": "insecure"}
    sent = send(ChannelKind.EMAIL, recipients="ann@example.org", sender="igsite@example.net", **typed)
    assert not sent.is_well
    assert sent.may_have_arrived


def test_a_mail_server_that_refuses_the_password_is_named(mail_server: MailServer) -> None:
    mail_server.refuses_login = True
    typed = {"mail_host": "127.0.0.1", "mail_port": mail_server.port, "mail_security": "insecure", "mail_user": "u"}
    sent = send(ChannelKind.EMAIL, recipients="ann@example.org", sender="a@example.net", mail_password="p", **typed)
    assert (code(sent), sent.may_have_arrived) == ("mail_login", False)


@pytest.mark.parametrize(("status", "words"), [(302, "elsewhere"), (403, "let us in"), (500, "trouble")])
def test_a_refusal_is_told_and_is_known_not_to_have_arrived(web: WebReceiver, status: int, words: str) -> None:
    web.answers, web.headers = [status], {"Location": f"{web.url}/other"}
    sent = send(ChannelKind.WEBHOOK, webhook_url=f"{web.url}/hook")
    assert words in channel_troubles.say(sent.trouble)
    assert not sent.may_have_arrived
    assert len(web.got) == 1  # no redirect is followed


def test_an_answer_without_end_is_not_read_to_the_end(web: WebReceiver) -> None:
    web.body = b"x" * 3_000_000
    sent = send(ChannelKind.WEBHOOK, webhook_url=f"{web.url}/hook")
    assert (code(sent), sent.may_have_arrived) == ("too_long", True)


def test_nobody_listening_is_known_not_to_have_arrived() -> None:
    sent = send(ChannelKind.WEBHOOK, webhook_url="http://127.0.0.1:1/hook")
    assert (code(sent), sent.may_have_arrived) == ("unreachable", False)


@pytest.mark.parametrize(
    ("words", "arrived"),
    [
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", False),
        ("[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed", True),
        ("EOF occurred in violation of protocol", True),
    ],
)
def test_only_what_broke_before_the_message_is_known_not_to_have_arrived(words: str, arrived: bool) -> None:
    seen, request = channel_guard.Seen(), requests.Request("POST", "https://hooks.example/secret").prepare()
    reason = urllib3.exceptions.SSLError(ssl.SSLError(1, words))
    wrapped = urllib3.exceptions.MaxRetryError(urllib3.HTTPConnectionPool("hooks.example"), "/secret", reason)
    channel_guard._note_failure(seen, requests.exceptions.SSLError(wrapped), request)
    assert seen.may_have_gone_out == arrived
    assert seen.trouble == [("no_answer" if arrived else "certificate", "hooks.example")]


@override_settings(PRODUCTION=True)
@pytest.mark.parametrize("host", ["localhost", "2130706433", "[::1]"])
def test_nothing_goes_into_our_own_network(web: WebReceiver, host: str) -> None:
    sent = send_url(f"json://{host}:{web.server.server_port}/hook")
    assert code(sent) == "address_refused"
    assert not web.got


@override_settings(PRODUCTION=True)
def test_a_mail_server_within_our_own_network_is_not_spoken_to(mail_server: MailServer) -> None:
    sent = send_url(f"mailto://u:p@example.net:{mail_server.port}/?smtp=127.0.0.1&from=a@example.net&to=b@example.org")
    assert code(sent) == "address_refused"
    assert not mail_server.lines


def test_other_services_are_not_even_loaded() -> None:
    others = "file:///etc/passwd", "dbus://", "syslog://", "windows://", "macosx://", "rsyslog://127.0.0.1", "mqtt://h"
    for url in (*others, "xmpp://u:p@127.0.0.1", "nosuch://127.0.0.1", "json://", "", "no address"):
        assert channel_sender._opened(url) is None, url
    assert code(send_url("dbus://")) == "unreadable"


def test_the_walls_hold_whatever_a_plugin_tries(tmp_path: Path, web: WebReceiver) -> None:
    """In the sender's process: files, programs, other addresses, names that answer something else a moment later."""
    (tmp_path / "secret").write_text("s")
    trial = f"""
import socket, subprocess, sys, os, json
from django.conf import settings
settings.configure(USE_I18N=False)
answers = [["93.184.215.14"], ["127.0.0.1"]]
def look_up(host, port, *args, **options):
    host = answers.pop(0)[0] if host == "rebinds.example" else host
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
socket.getaddrinfo = look_up
from monitoring import channel_guard
channel_guard.put_up(channel_guard.Seen(), allow_loopback=False)
def tried(act):
    try:
        act()
    except OSError:
        return "refused"
    return "done"
first = socket.getaddrinfo("rebinds.example", 80)[0][4][0]
said = {{
    "read": tried(lambda: open({str(tmp_path / "secret")!r})),
    "read_up": tried(lambda: open(sys.prefix + "/../" * 20 + {str(tmp_path / "secret")!r})),
    "write": tried(lambda: open({str(tmp_path / "new")!r}, "w")),
    "run": tried(lambda: subprocess.run(["true"])),
    "system": tried(lambda: os.system("true")),
    "connect": tried(lambda: socket.socket().connect(("127.0.0.1", {web.server.server_port}))),
    "pinned": first == socket.getaddrinfo("rebinds.example", 80)[0][4][0] == "93.184.215.14",
}}
print(json.dumps(said))
"""
    ran = subprocess.run([sys.executable, "-B", "-c", trial], capture_output=True, cwd=ROOT, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr.decode()
    said = json.loads(ran.stdout)
    assert said.pop("pinned")
    assert set(said.values()) == {"refused"}, said
    assert not (tmp_path / "new").exists()


def test_only_the_sender_knows_apprise() -> None:
    apps = ("igsite", "accounts", "scans", "monitoring", "automation")
    users = {
        file.relative_to(ROOT).as_posix()
        for app in apps
        for file in (ROOT / app).rglob("*.py")
        if any(word in file.read_text(encoding="utf-8") for word in ("from apprise", "import apprise"))
    }
    assert users == {"monitoring/channel_sender.py"}
