"""What a message says: our words or the channel's own templates, in the channel's language, as plain text."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from igsite.text import clean_text
from monitoring.alert_words import say
from monitoring.channel_addresses import ChannelInvalid
from monitoring.channel_sending import Message
from monitoring.models import Alert, AlertKind, AlertState, NotificationChannel, Severity
from scans.schedule_times import zone_of

#: What a template may name, and what stands there.
PLACEHOLDERS: Final = {
    "what": gettext_lazy("what happened, in a sentence"),
    "kind": gettext_lazy("the kind of the alert"),
    "rule": gettext_lazy("the rule"),
    "severity": gettext_lazy("how much it matters"),
    "about": gettext_lazy("whom or what it is about"),
    "value": gettext_lazy("the value that was seen"),
    "limit": gettext_lazy("the limit of the rule"),
    "time": gettext_lazy("when, by the clock of the workspace"),
    "workspace": gettext_lazy("the workspace"),
    "link": gettext_lazy("the address of the page that shows it"),
}
_TITLE: Final = "{workspace}: {kind}"
_BODY: Final = "{what}\n{time}\n{link}"
#: The strictest of the services takes 2,000 characters.
_LONGEST: Final = 1_800
_MOST_LINES: Final = 40
_ZERO_WIDTH: Final = "\u200b"


def check_template(field: str, text: str) -> str:
    """``text``, if every placeholder in it is one. Raises :class:`ChannelInvalid` that names the one that is not."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        raise _wrong(
            field, _("A brace opens or closes nothing. Write {{ and }} for braces that are to be shown.")
        ) from None
    for _before, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            shown = f"{{{name}{'!' + conversion if conversion else ''}{':' + spec if spec else ''}}}"
            words = _("%(name)s is no placeholder. There are: %(known)s.") % {"name": shown[:60], "known": known}
            raise _wrong(field, words)
    return text


def of_alert(channel: NotificationChannel, alert: Alert) -> Message:
    """One alert."""
    with translation.override(channel.language):
        values = _values(channel, alert)
        title = _filled(channel.title_template or _TITLE, values)
        return _message(title, _filled(channel.body_template or _BODY, values))


def of_many(channel: NotificationChannel, alerts: Sequence[Alert]) -> Message:
    """Several alerts, the newest first, as one digest."""
    with translation.override(channel.language):
        count = len(alerts)
        words = ngettext("%(workspace)s: %(count)s alert", "%(workspace)s: %(count)s alerts", count)
        title = words % {"workspace": channel.workspace.name, "count": count}
        lines: list[str] = []
        room = _LONGEST - 200
        for alert in sorted(alerts, key=lambda one: one.at, reverse=True):
            line = f"• {_time(channel, alert.at)} – {_what(alert)}"
            room -= len(line) + 1
            if room < 0 or len(lines) == _MOST_LINES:
                break
            lines.append(line)
        if len(lines) < count:
            more = count - len(lines)
            lines.append(ngettext("and %(more)s more", "and %(more)s more", more) % {"more": more})
        return _message(title, "\n".join([*lines, inbox_link()]))


def of_test(channel: NotificationChannel) -> Message:
    """What a test sends."""
    with translation.override(channel.language):
        title = _("%(workspace)s: a test") % {"workspace": channel.workspace.name}
        body = _("This is a test of the channel “%(name)s”. Alerts will arrive here.") % {"name": channel.name}
        return _message(title, f"{body}\n{inbox_link()}")


def preview(channel: NotificationChannel, now: dt.datetime) -> Message:
    """How an alert would look by this channel, by an example. The channel need not be stored."""
    example = Alert(
        workspace=channel.workspace, kind=AlertKind.THRESHOLD, severity=Severity.WARNING, at=now,
        state=AlertState.FIRED, about="@aurora.studio", value=10_250, limit=10_000, message="threshold.above",
        arguments={"metric": "followers"}, evidence="/monitoring/",
    )  # fmt: skip
    return of_alert(channel, example)


def inbox_link() -> str:
    """The address of the page with all alerts."""
    return site_link(reverse("alerts:inbox"))


def site_link(path: str) -> str:
    """A whole address for a path of the site; empty when the site does not know its own name."""
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL and path else ""


def tame(text: str) -> str:
    """Text from elsewhere, so that it calls nobody and hides no address behind other words: the marks of chats for
    mentions and links are broken up, control signs are gone."""
    text = clean_text(text, limit=10_000)
    for opening in ("@everyone", "@here", "@channel", "@all", "@room", "<@", "<!", "<#", "<http", "]("):
        text = text.replace(opening, opening[0] + _ZERO_WIDTH + opening[1:])
    return text


def _values(channel: NotificationChannel, alert: Alert) -> dict[str, str]:
    return {
        "what": _what(alert),
        "kind": str(alert.get_kind_display()),
        "rule": str(alert.rule or alert.get_kind_display()),
        "severity": str(alert.get_severity_display()),
        "about": alert.about,
        "value": _number(alert.value),
        "limit": _number(alert.limit),
        "time": _time(channel, alert.at),
        "workspace": channel.workspace.name,
        "link": site_link(alert.evidence) or inbox_link(),
    }


def _what(alert: Alert) -> str:
    return say(alert)


def _time(channel: NotificationChannel, at: dt.datetime) -> str:
    here = at.astimezone(zone_of(channel.workspace.time_zone))
    return f"{date_format(here, 'DATETIME_FORMAT')} ({channel.workspace.time_zone})"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return number_format(value, decimal_pos=0 if float(value).is_integer() else 1, force_grouping=True)


def _filled(template: str, values: dict[str, str]) -> str:
    return "\n".join(line for line in template.format_map(values).splitlines() if line.strip())


def _message(title: str, body: str) -> Message:
    return Message(tame(" ".join(title.split()))[:200], tame(body)[:_LONGEST])


def _wrong(field: str, sentence: str) -> Any:
    return ChannelInvalid(sentence, fields={field: [sentence]})
