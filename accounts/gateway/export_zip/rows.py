"""The lists inside an export: three shapes of JSON, one of HTML.

V1  ``{"string_list_data": [{"href", "value": USERNAME, "timestamp"}]}``
V2  ``{"title": USERNAME, "string_list_data": [{"href": ".../_u/USERNAME", "timestamp"}]}``
V3  ``{"timestamp", "label_values": [{"label", "value"}...], "fbid"}`` with translated labels: the address counts
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit

from accounts.gateway.errors import ExportUnreadable
from igsite.text import clean_text

_USERNAME = re.compile(r"[a-z0-9._]{1,64}", re.ASCII)
_DELETED = "__deleted__"
_HOSTS = {"instagram.com", "www.instagram.com"}
_MOJIBAKE = re.compile("[\x80-\xff]")
#: Instagram opened on 2010-10-06; a moment outside of these is no date of following.
_EARLIEST, _LATEST = 1_286_323_200, 4_102_444_800
_NOT_PEOPLE = {"p", "reel", "reels", "explore", "stories", "accounts", "about", "legal", "direct", "tv"}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. ``username`` None: the account is deleted, or the entry could not be read."""

    username: str | None
    followed_at: datetime | None = None
    is_deleted: bool = False


def rows_of_json(content: bytes, path: str) -> Iterator[Row]:
    """The entries of one JSON file.

    Raises:
        ExportUnreadable: it is no JSON, or of a shape that is none of the known ones.
    """
    try:
        found = _entries(json.loads(content.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        found = None
    if found is None:
        raise ExportUnreadable(
            f"The file {_shown(path)} in this ZIP is not what Instagram writes. Ask Instagram for a new export in JSON."
        )
    return map(_row, found)


def rows_of_html(content: bytes, path: str) -> Iterator[Row]:
    """The people linked from one HTML file, without dates: those are written in the words of a language.

    Raises:
        ExportUnreadable: it links to nobody, so that an empty list and an unknown layout look the same.
    """
    links = _Links()
    links.feed(content.decode("utf-8", "replace"))
    links.close()
    if not links.found:
        raise ExportUnreadable(
            f"Nobody could be found in {_shown(path)}. Ask Instagram for the export again and choose the format JSON."
        )
    return (_named([link], None) for link in links.found)


def _entries(body: Any) -> list[Any] | None:
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return None
    if "string_list_data" in body or "label_values" in body:  # one entry alone, not in a list
        return [body]
    lists = [value for name, value in body.items() if name.startswith("relationships_")]
    return lists[0] if len(lists) == 1 and isinstance(lists[0], list) else None


def _row(entry: Any) -> Row:
    if not isinstance(entry, dict):
        return Row(None)
    if "label_values" in entry:
        return _named(list(_addresses(entry["label_values"])), entry.get("timestamp"))
    data = entry.get("string_list_data")
    first = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    return _named([first.get("value"), entry.get("title"), first.get("href")], first.get("timestamp"))


def _addresses(labelled: Any) -> Iterator[Any]:
    for item in labelled if isinstance(labelled, list) else []:
        if isinstance(item, dict):
            yield from (value for value in (item.get("href"), item.get("value")) if _is_address(value))


def _named(candidates: list[Any], timestamp: Any) -> Row:
    """The row named by the first candidate that is a user name: the value, then the title, then the address."""
    for candidate in candidates:
        name = _username(candidate)
        if name.startswith(_DELETED):
            return Row(None, is_deleted=True)
        if name:
            return Row(name, _moment(timestamp))
    return Row(None)


def _username(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    text = _last_part(value) if _is_address(value) else clean_text(_repaired(value), limit=200)
    name = text.strip().removeprefix("@").lower()
    return name if _USERNAME.fullmatch(name) or name.startswith(_DELETED) else ""


def _is_address(value: Any) -> bool:
    if not isinstance(value, str) or not value.lower().startswith(("https://", "http://")):
        return False
    try:
        return urlsplit(value).hostname in _HOSTS
    except ValueError:
        return False


def _last_part(address: str) -> str:
    parts = [part for part in urlsplit(address).path.split("/") if part]
    if parts[:1] == ["_u"]:
        parts = parts[1:]
    return unquote(parts[0]) if len(parts) == 1 and parts[0] not in _NOT_PEOPLE else ""


def _repaired(text: str) -> str:
    """Exports write each byte of UTF-8 as a character of its own (``Ã©`` for ``é``)."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _moment(value: Any) -> datetime | None:
    """0 and nonsense are unknown. Some files count in milliseconds."""
    if type(value) is not int:
        return None
    seconds = value // 1_000 if value > _LATEST else value
    return datetime.fromtimestamp(seconds, UTC) if _EARLIEST <= seconds < _LATEST else None


def _shown(path: str) -> str:
    return "“" + clean_text(path.rsplit("/", 1)[-1], limit=80) + "”"


class _Links(HTMLParser):
    """Addresses of people that the page links to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps what an anchor leads to."""
        href = dict(attrs).get("href") if tag == "a" else None
        if href and _is_address(href) and _last_part(href):
            self.found.append(href)
