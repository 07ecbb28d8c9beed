"""Fields of an answer, read strictly: absent is None, another shape is an error, and nothing is guessed.

The errors are Python's own (``KeyError``, ``TypeError``, ``ValueError``); the classifier makes them ``ContractDrift``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from igsite.text import clean_text

Json = Mapping[str, Any]

_LARGEST_PK = 2**63 - 1
_URL_LIMIT = 2_048
#: Longer than what Instagram accepts today (30, 150, 2,200), shorter than what would hurt.
FULL_NAME_LIMIT = 150
BIOGRAPHY_LIMIT = 1_000
TEXT_LIMIT = 5_000


def number_of(value: object) -> int:
    """A pk as Instagram writes it: a positive number, or its digits."""
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    if type(number) is not int:
        raise TypeError("a pk expected, not " + type(value).__name__)
    if not 0 < number <= _LARGEST_PK:
        raise ValueError("a pk out of range")
    return number


def flag(value: object) -> bool | None:
    """true, false, or None where the field is absent or null."""
    if value is None or value is True or value is False:
        return value
    raise TypeError("true or false expected, not " + type(value).__name__)


def count(value: object) -> int | None:
    """A count, or None where the source gave none. Never 0 for unknown; Instagram writes -1 for "hidden"."""
    if value is None:
        return None
    if type(value) is not int:
        raise TypeError("a count expected, not " + type(value).__name__)
    return value if value >= 0 else None


def picture(value: object) -> str | None:
    """An https address, or None: ``""`` is sent for people without a picture."""
    url = clean_text(value, limit=_URL_LIMIT) if isinstance(value, str) else ""
    return url if url.startswith("https://") else None


def cursor(value: object) -> str | None:
    """Where the next page begins. None, absent or ``""`` mean that there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, str) or type(value) is int:
        return str(value)
    raise TypeError("a cursor expected, not " + type(value).__name__)


def moment(value: object) -> datetime:
    """Seconds since 1970, in UTC."""
    if type(value) not in (int, float):
        raise TypeError("seconds expected, not " + type(value).__name__)
    return datetime.fromtimestamp(value, UTC)  # type: ignore[arg-type]


def date_text(value: object) -> datetime:
    """An ISO date and time as services write it; without a zone it is UTC."""
    if not isinstance(value, str):
        raise TypeError("a date expected, not " + type(value).__name__)
    found = datetime.fromisoformat(value)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def rows(answer: Json, name: str) -> list[Json]:
    """The list ``name`` of ``answer``, which must be there, and made of objects."""
    found = answer[name]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise TypeError(name + " is not a list of objects")
    return found


def part(answer: Json, name: str) -> Json:
    """The object ``name`` of ``answer``, which must be there."""
    found = answer[name]
    if not isinstance(found, dict):
        raise TypeError(name + " is not an object")
    return found
