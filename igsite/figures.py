"""How figures are written: separators of the reader's language, a true minus, "–" for what is not known."""

from __future__ import annotations

from datetime import timedelta

from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

UNKNOWN = "–"
MINUS = "−"  # the sign, not the hyphen
LARGE = (
    (1_000_000_000, gettext_lazy("%(share)sB")),
    (1_000_000, gettext_lazy("%(share)sM")),
    (1_000, gettext_lazy("%(share)sK")),
)


def _separated(text: str) -> str:
    """A figure as Python writes it (1,204.5) with the marks of the reader's language (Spanish: 1 204,5)."""
    marks = {
        ",": get_format("THOUSAND_SEPARATOR"),
        ".": get_format("DECIMAL_SEPARATOR"),
        "-": MINUS,
    }
    return text.translate(str.maketrans(marks))


def number(value: float | None) -> str:
    """In full, thousands separated: 1,284,392 in English. None is "–"."""
    if value is None:
        return UNKNOWN
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return _separated(text)


def signed(value: float | None) -> str:
    """With its sign, which carries the meaning where colour does not: +12, −3, ±0."""
    if value is None:
        return UNKNOWN
    sign = "+" if value > 0 else MINUS if value < 0 else "±"
    return sign + number(abs(value))


def compact(value: float | None) -> str:
    """Three digits at most, for narrow places: 1.28M, 18.2K, 343 in English."""
    if value is None:
        return UNKNOWN
    for limit, unit in LARGE:
        if abs(value) >= limit:
            share = value / limit
            digits = 2 if abs(share) < 10 else 1 if abs(share) < 100 else 0
            return str(unit) % {"share": _separated(f"{share:.{digits}f}")}
    return number(value)


def percent(part: float | None, whole: float | None) -> int:
    """Whole percent, 0 to 100; 0 where the whole is not known. 100 is said only when nothing is missing."""
    if not part or not whole:
        return 0
    return 100 if part >= whole else min(99, max(0, int(part * 100 / whole)))


def span(value: timedelta | float | None) -> str:
    """A length of time in one unit and words: 40 seconds, 3 minutes, 5 hours, 2 days. Seconds when a number."""
    if value is None:
        return UNKNOWN
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    if seconds < 90:
        count = max(1, round(seconds))
        return ngettext("%(count)d second", "%(count)d seconds", count) % {"count": count}
    if seconds < 90 * 60:
        count = round(seconds / 60)
        return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    if seconds < 36 * 3600:
        count = round(seconds / 3600)
        return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}
    count = round(seconds / 86400)
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def distance(seconds: float) -> str:
    """How long ago (positive) or ahead (negative) something is, in words."""
    if abs(seconds) < 45:
        return _("just now") if seconds >= 0 else _("in a moment")
    if seconds >= 0:
        return _("%(span)s ago") % {"span": span(seconds)}
    return _("in %(span)s") % {"span": span(-seconds)}
