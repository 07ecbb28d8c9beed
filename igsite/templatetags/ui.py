"""The interface's tags and filters: built in, no ``load`` needed. ``/patterns/`` shows each in use."""

from __future__ import annotations

import functools
import unicodedata
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from igsite import charts, figures

register = template.Library()
register.simple_tag(charts.bar, name="bar")
register.simple_tag(charts.linechart, name="linechart")
register.simple_tag(charts.radar, name="radar")
register.simple_tag(charts.columns, name="columns")
register.simple_tag(charts.donut, name="donut")
register.filter("num", figures.number)
register.filter("signed", figures.signed)
register.filter("compact", figures.compact)
register.filter("percent_of", figures.percent)
register.filter("span", figures.span)


@functools.lru_cache(maxsize=512)
def _drawing(name: str, size: int) -> str:
    return str(lucide(name, size=size, focusable="false", **{"class": "icon"}))


@register.simple_tag
def icon(name: str, size: int = 20, label: str = "") -> SafeString:
    """A lucide icon. Without a ``label`` it is decoration and hidden from readers.

    Raises ``lucide.IconDoesNotExist`` for a name that lucide doesn't have.
    """
    drawing = _drawing(name, size)
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return mark_safe(drawing.replace("<svg ", f"<svg {spoken} ", 1))  # noqa: S308 - lucide's drawing, escaped label


@register.simple_tag
def spark(values: Sequence[float], width: int = 120, height: int = 32, area: bool = False) -> SafeString:
    """See :func:`igsite.charts.spark`."""
    return charts.spark(values, width, height, area=area)


def initials(name: str) -> str:
    """The first letters or digits of the first two words; one for scripts without words; "?" for none."""
    firsts: list[str] = []
    starts = True
    for character in unicodedata.normalize("NFKC", name):
        kind = unicodedata.category(character)[0]
        if kind in "LN" and starts:
            firsts.append(character)
            starts = False
        elif kind in "ZP":
            starts = True
        if len(firsts) == 2:
            break
    return "".join(firsts).upper()[:2] or "?"


@register.simple_tag
def avatar(name: object, key: object = 0, size: int = 40) -> SafeString:
    """A disc with initials; the same ``key`` (an id) always has the same colour. Decoration: the name stands beside."""
    return format_html(
        '<svg class="avatar a{}" width="{}" height="{}" viewBox="0 0 36 36" aria-hidden="true" focusable="false">'
        '<circle cx="18" cy="18" r="18"/><text x="18" y="22.6" text-anchor="middle">{}</text></svg>',
        zlib.crc32(str(key).encode()) % 7, size, size, initials(str(name)),
    )  # fmt: skip


def exact(value: datetime) -> str:
    """Date, time and zone in the reader's own zone, for the hover and for places that need it in full."""
    local = timezone.localtime(value)
    return f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname()}"


@register.simple_tag(name="ago")
@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """How long ago, exact on hover; times.js keeps it true. None is "–"."""
    if value is None:
        return figures.UNKNOWN
    words = figures.distance((timezone.now() - value).total_seconds())
    return format_html('<time datetime="{}" title="{}" data-rel>{}</time>', value.isoformat(), exact(value), words)


@register.filter
def when(value: datetime | None) -> SafeString | str:
    """Date and time to the minute in the reader's zone. None is "–"."""
    if value is None:
        return figures.UNKNOWN
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact(value), date_format(local, "j M Y, H:i")
    )


@register.filter
def within(value: datetime | None, days: int) -> bool:
    """Whether a time lies at most ``days`` back."""
    return value is not None and timezone.now() - value <= timedelta(days=days)


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field's control, tied to its hint and error for those who listen."""
    attributes: dict[str, str | bool] = {}
    described = [
        part
        for part, there in ((f"h-{field.id_for_label}", field.help_text), (f"e-{field.id_for_label}", field.errors))
        if there
    ]
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def widget_kind(field: BoundField) -> str:
    """The kind of a field's control: ``checkboxinput``, ``radioselect``, ``textinput`` …"""
    return type(field.field.widget).__name__.lower()


@register.simple_tag
def published(path: str) -> str:
    """The address of a static file that may be missing (files of npm packages), or an empty text."""
    return str(staticfiles_storage.url(path)) if staticfiles_storage.exists(path) else ""


TONES = {
    "good": {"done", "ready", "complete", "active", "confirmed", "yes", "good"},
    "bad": {"failed", "error", "frozen", "needs_login", "quarantined", "lost", "bad", "critical"},
    "warn": {"partial", "blocked", "needs_code", "needs_approval", "paused", "waiting", "missing", "warning"},
    "info live": {"running", "connecting", "queued"},
}


@register.filter
def tone(state: object) -> str:
    """The tag's classes for a state's value; empty (grey) for one that is neither good nor bad."""
    return next((classes for classes, states in TONES.items() if str(state) in states), "")


@register.filter
def plain(value: object) -> str:
    """A number as programs read it, for attributes; empty for None."""
    return "" if value is None else str(value)


@register.simple_tag(takes_context=True)
def next_page(context: template.Context, name: str, cursor: str) -> str:
    """The page's own address with the cursor of the following page, keeping filters."""
    request = context["request"]
    query = request.GET.copy()
    query[name] = cursor
    return f"{request.path}?{query.urlencode()}"
