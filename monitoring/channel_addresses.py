"""From what people type about a channel to the address that is sealed: plain fields by kind. Pure but for the words.

Two forms are sealed: ``{"mail": ["ann@example.org"]}`` goes by the site's own mail server, ``{"url": "ntfys://…"}`` by
Apprise. What was typed is not kept beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from igsite.problems import Invalid
from igsite.secrets import Secret
from monitoring.channel_schemas import PLUGINS, scheme_of
from monitoring.models import ChannelKind

MOST_RECIPIENTS: Final = 20
_LONGEST: Final = 2_000
_TOKEN: Final = re.compile(r"[A-Za-z0-9._:-]{1,300}")
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHAT: Final = re.compile(r"-?\d{1,20}|@[A-Za-z0-9_]{3,64}")
#: The fields of each kind. The first of them says whether anything was typed at all.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    ChannelKind.EMAIL: (
        "recipients",
        "mail_host",
        "mail_port",
        "mail_security",
        "mail_user",
        "mail_password",
        "sender",
    ),
    ChannelKind.TELEGRAM: ("bot_token", "chat"),
    ChannelKind.DISCORD: ("webhook_url",),
    ChannelKind.SLACK: ("webhook_url",),
    ChannelKind.NTFY: ("topic", "server", "access_token"),
    ChannelKind.WEBHOOK: ("webhook_url", "access_token"),
    ChannelKind.OTHER: ("address",),
}


class ChannelInvalid(Invalid):
    """What was typed leads nowhere, or to where nothing of this site goes."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a channel leads: what is sealed, and the same in words without secrets."""

    sealed: Secret
    goes_to: str


def address_of(kind: str, typed: Mapping[str, Any]) -> Address:
    """The fields of a kind as an address. Raises :class:`ChannelInvalid`, which names the field."""
    clean = {name: _text(typed.get(name)) for name in FIELDS[kind]}
    for name, value in clean.items():
        if len(value) > _LONGEST or any(
            (letter.isspace() and letter != " ") or not letter.isprintable() for letter in value
        ):
            raise _wrong(name, _("That is too long, or holds signs that belong into no address."))
    found: dict[str, Any]
    found, goes_to = _MAKERS[ChannelKind(kind)](clean)
    return Address(Secret(json.dumps(found)), goes_to[:200])


def is_typed(kind: str, typed: Mapping[str, Any]) -> bool:
    """Whether anything was typed of where it leads."""
    return any(_text(typed.get(name)) for name in FIELDS[kind] if name not in {"mail_port", "mail_security"})


def _email(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    people = [one for one in re.split(r"[\s,;]+", typed["recipients"]) if one]
    if not 0 < len(people) <= MOST_RECIPIENTS:
        sentence = _("Enter one to %(most)s e-mail addresses.") % {"most": MOST_RECIPIENTS}
        raise _wrong("recipients", sentence)
    for person in people:
        _check_mail("recipients", person)
    if not typed["mail_host"]:
        return {"mail": people}, ", ".join(people)
    host, sender = _host("mail_host", typed["mail_host"]), typed["sender"]
    _check_mail("sender", sender)
    security = typed["mail_security"] or "starttls"
    if security not in {"starttls", "ssl", "insecure"}:
        raise _wrong("mail_security", _("Choose how the connection is encrypted."))
    port = typed["mail_port"] or {"starttls": "587", "ssl": "465", "insecure": "25"}[security]
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise _wrong("mail_port", _("A port is a number from 1 to 65535."))
    login = f"{_q(typed['mail_user'])}:{_q(typed['mail_password'])}@" if typed["mail_user"] else ""
    scheme = "mailto" if security == "insecure" else "mailtos"
    query = f"smtp={_q(host)}&from={_q(sender)}&to={_q(','.join(people))}&mode={security}"
    return {"url": f"{scheme}://{login}{_bracketed(host)}:{port}/?{query}"}, f"{', '.join(people)} ({host})"


def _telegram(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    if not re.fullmatch(r"(bot)?\d{3,20}:[A-Za-z0-9_-]{20,100}", typed["bot_token"]):
        raise _wrong("bot_token", _("A bot's token looks like 123456789:AbC… It is what @BotFather gave you."))
    if not _CHAT.fullmatch(typed["chat"]):
        raise _wrong("chat", _("The chat is a number, or the @name of a channel."))
    token = typed["bot_token"].removeprefix("bot")
    return {"url": f"tgram://{token}/{_q(typed['chat'])}/"}, f"Telegram {typed['chat']}"


def _discord(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    parts = _web("webhook_url", typed["webhook_url"])
    found = re.fullmatch(r"/api(?:/v\d+)?/webhooks/(\d{1,30})/([A-Za-z0-9_-]{1,200})/?", parts.path)
    if parts.hostname not in {"discord.com", "discordapp.com"} or parts.scheme != "https" or found is None:
        raise _wrong("webhook_url", _("A webhook of Discord looks like https://discord.com/api/webhooks/1234/AbC…"))
    return {"url": f"discord://{found[1]}/{found[2]}/"}, "discord.com"


def _slack(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    parts = _web("webhook_url", typed["webhook_url"])
    found = re.fullmatch(r"/services/([A-Z0-9]{1,30})/([A-Z0-9]{1,30})/([A-Za-z0-9]{1,60})/?", parts.path)
    if parts.hostname != "hooks.slack.com" or parts.scheme != "https" or found is None:
        raise _wrong("webhook_url", _("A webhook of Slack looks like https://hooks.slack.com/services/T…/B…/…"))
    return {"url": f"slack://{found[1]}/{found[2]}/{found[3]}/"}, "hooks.slack.com"


def _ntfy(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    if not _TOPIC.fullmatch(typed["topic"]):
        raise _wrong("topic", _("A topic has letters, digits, _ and - only, at most 64."))
    if typed["access_token"] and not _TOKEN.fullmatch(typed["access_token"]):
        raise _wrong("access_token", _("This token holds signs that no token has."))
    parts = _web("server", typed["server"] or "https://ntfy.sh")
    scheme = "ntfys" if parts.scheme == "https" else "ntfy"
    token, query = (f"{typed['access_token']}@", "?auth=token") if typed["access_token"] else ("", "")
    # Whoever knows a topic of a public server reads it: it is as good as a secret.
    return {"url": f"{scheme}://{token}{_netloc(parts)}/{typed['topic']}{query}"}, str(parts.hostname)


def _webhook(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    parts = _web("webhook_url", typed["webhook_url"])
    if typed["access_token"] and not re.fullmatch(r"[\x21-\x7e]{1,500}", typed["access_token"]):
        raise _wrong("access_token", _("This token holds signs that no token has."))
    scheme = "jsons" if parts.scheme == "https" else "json"
    user = f"{_q(unquote(parts.username))}:{_q(unquote(parts.password or ''))}@" if parts.username else ""
    # A parameter that Apprise is to pass on has a minus before it, a header a plus.
    given = [f"-{_q(name)}={_q(value)}" for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if typed["access_token"]:
        given.append(f"%2BAuthorization={_q('Bearer ' + typed['access_token'])}")
    path = quote(unquote(parts.path), safe="/") or "/"
    query = f"?{'&'.join(given)}" if given else ""
    return {"url": f"{scheme}://{user}{_netloc(parts)}{path}{query}"}, str(parts.hostname)


def _other(typed: dict[str, str]) -> tuple[dict[str, Any], str]:
    scheme = scheme_of(typed["address"])
    if scheme not in PLUGINS:
        known = ", ".join(sorted(PLUGINS))
        raise _wrong("address", _("This site sends to these services only: %(known)s.") % {"known": known})
    return {"url": typed["address"]}, f"{scheme}://"


_MAKERS: Final[dict[ChannelKind, Callable[[dict[str, str]], tuple[dict[str, Any], str]]]] = {
    ChannelKind.EMAIL: _email,
    ChannelKind.TELEGRAM: _telegram,
    ChannelKind.DISCORD: _discord,
    ChannelKind.SLACK: _slack,
    ChannelKind.NTFY: _ntfy,
    ChannelKind.WEBHOOK: _webhook,
    ChannelKind.OTHER: _other,
}


def hosts_of(address: Address) -> list[str]:
    """The hosts that the address names itself; services with a host of their own name none."""
    url = json.loads(address.sealed.reveal()).get("url", "")
    scheme = scheme_of(url)
    if scheme not in {"mailto", "mailtos", "ntfy", "ntfys", "json", "jsons", "xml", "xmls", "form", "forms"}:
        return []
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
    except ValueError:
        return []
    return [host for host in (parts.hostname, query.get("smtp")) if host]


def _text(value: Any) -> str:
    if isinstance(value, Secret):
        value = value.reveal()
    return str(value if value is not None else "").strip()


def _q(text: str) -> str:
    return quote(text, safe="")


def _web(field: str, text: str) -> SplitResult:
    """An address of the web. Raises :class:`ChannelInvalid`."""
    sentence = _("Enter an address that begins with https:// (or http://).")
    try:
        parts = urlsplit(text)
        if parts.scheme not in {"http", "https"} or not parts.hostname or (parts.port is not None and not parts.port):
            raise _wrong(field, sentence)
    except ValueError:
        raise _wrong(field, sentence) from None
    _host(field, parts.hostname)
    return parts


def _host(field: str, host: str) -> str:
    host = host.strip("[]").lower()
    if not re.fullmatch(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}", host):
        raise _wrong(field, _("This is no name of a host."))
    return host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _netloc(parts: SplitResult) -> str:
    return _bracketed(str(parts.hostname)) + (f":{parts.port}" if parts.port else "")


def _check_mail(field: str, text: str) -> None:
    try:
        validate_email(text)
    except ValidationError:
        raise _wrong(field, _("%(text)s is no e-mail address.") % {"text": text[:100] or "–"}) from None


def _wrong(field: str, sentence: str) -> ChannelInvalid:
    return ChannelInvalid(sentence, fields={field: [sentence]})
