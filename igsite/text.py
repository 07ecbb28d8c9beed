"""Text from elsewhere, made fit to be stored.

Applied once, where an answer of a source becomes a value of ours. Postgres refuses NUL and lone surrogates, so that one
hostile name would abort the whole scan; control characters confuse logs, CSV readers and terminals. Everything else
stays: scripts, emoji with their joiners, combining marks and bidirectional marks are part of a name. Templates isolate
them (``<bdi>``), they are not cut out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: C0 controls but tab and newline, DEL, the C1 controls (a terminal reads U+009B as an escape), lone surrogates.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

#: Longer than Instagram allows anything but a caption or a comment; each caller names its own limit.
DEFAULT_LIMIT = 1_000
USERNAME_LIMIT = 64
_BETWEEN = re.compile(r"[\s,;]+")
_PLAIN_USERNAME = re.compile(r"[a-z0-9._]{1,64}\Z")


def clean_text(value: str | None, *, limit: int = DEFAULT_LIMIT) -> str:
    """``value`` without what cannot be stored or shown, at most ``limit`` code points long. ``None`` becomes ``""``.

    Carriage returns become newlines; a surrogate pair written as two escapes becomes its character. Cleaning twice
    changes nothing.

    Raises:
        TypeError: ``value`` is not text. The answer it came from has another shape than expected.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text expected, not " + type(value).__name__)
    if value.isascii() and value.isprintable():  # nearly every name: no pattern needs to run
        return value[:limit]
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _UNSTORABLE.search(value):
        value = _SURROGATE_PAIR.sub(_joined, value)
        value = _UNSTORABLE.sub("", value)
    return value[:limit]


def whole_number(text: str, *, digits: int = 18) -> int | None:
    """The number that ``text`` writes in ASCII digits, at most so many; None for anything else.

    For numbers in addresses and forms that nobody types. 18 digits fit into a ``bigint``.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Those of ``texts`` that are numbers by :func:`whole_number`: what was ticked."""
    return [number for text in texts if (number := whole_number(text)) is not None]


def words_of(text: str) -> list[str]:
    """What stands between white space, commas and semicolons: names that were typed or pasted."""
    return [word for word in _BETWEEN.split(text) if word]


def clean_username(value: str | None) -> str:
    """A user name as it is compared and stored: lower-case, no "@", no white space, cleaned.

    Raises:
        TypeError: ``value`` is not text.
        ValueError: nothing is left of it.
    """
    if isinstance(value, str) and _PLAIN_USERNAME.match(value):  # what Instagram sends
        return value
    name = "".join(clean_text(value, limit=10 * USERNAME_LIMIT).split()).lstrip("@").lower()[:USERNAME_LIMIT]
    if not name:
        raise ValueError("an empty user name")
    return name


def _joined(pair: re.Match[str]) -> str:
    return pair.group().encode("utf-16", "surrogatepass").decode("utf-16")
