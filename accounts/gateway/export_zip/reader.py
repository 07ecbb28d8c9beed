"""From the uploaded parts of one export to its lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import BinaryIO

from accounts.gateway.errors import ExportUnreadable
from accounts.gateway.export_zip.archive import Reading, members, names
from accounts.gateway.export_zip.rows import Row, rows_of_html, rows_of_json
from accounts.gateway.results import Person

_LISTS = {
    "followers": re.compile(r"followers(?:_(\d{1,4}))?"),
    "following": re.compile(r"following(?:_(\d{1,4}))?"),
    "recently_unfollowed": re.compile(r"recently_unfollowed_(?:profiles|accounts)"),
    "pending": re.compile(r"pending_follow_requests"),
    "close_friends": re.compile(r"close_friends"),
    "blocked": re.compile(r"blocked_(?:profiles|accounts)"),
    "restricted": re.compile(r"restricted_(?:profiles|accounts)"),
}
_NAMED = re.compile(r"\binstagram-([a-z0-9._]{1,64})-(\d{4})-(\d\d)-(\d\d)-", re.ASCII | re.IGNORECASE)
_NAMED_LONG_AGO = re.compile(r"(?:^|/)([a-z0-9._]{1,64})_(\d{4})(\d\d)(\d\d)(?:_part_\d+)?(?:[./ ]|$)", re.ASCII)
_PART = re.compile(r"[ _(-]part[ _-]?(\d{1,3})(?:[ _-]?of[ _-]?(\d{1,3}))?(?=[ ._()-]|$)", re.ASCII | re.IGNORECASE)
#: More unreadable entries than this share, and the file is not understood.
_UNREADABLE_SHARE = 0.02

_WHAT_TO_ASK_FOR = (
    "This ZIP holds no list of followers or following. Ask Instagram for “Download your information” → “Followers and"
    " following”, all time, format JSON, and upload that ZIP."
)


@dataclass(frozen=True, slots=True)
class ExportPart:
    """One uploaded file. ``name`` is what the person's browser called it; ``file`` can be sought in."""

    name: str
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class Export:
    """What an export holds. A list that is None was not in it, which is not the same as an empty one.

    People have no pk: they are matched by their lower-case user name. ``gaps`` are numbers of followers files missing
    between the first and the last one, ``missing_parts`` those of files that call themselves parts; a missing last one
    cannot be seen, so compare with the known count before any diff: an export of a date range is not the whole list.
    ``days`` are those on which the parts were made, more than one if they are of different exports. Whose it is and
    when it was made is said by the names of files and folders only.
    """

    owner_username: str | None
    exported_on: date | None
    followers: tuple[Person, ...] | None = None
    following: tuple[Person, ...] | None = None
    recently_unfollowed: tuple[Person, ...] | None = None
    pending: tuple[Person, ...] | None = None
    close_friends: tuple[Person, ...] | None = None
    blocked: tuple[Person, ...] | None = None
    restricted: tuple[Person, ...] | None = None
    gaps: tuple[int, ...] = ()
    missing_parts: tuple[int, ...] = ()
    days: tuple[date, ...] = ()
    #: The lists came as web pages, without dates.
    is_html: bool = False
    #: Entries of accounts that no longer exist; they are in no list.
    deleted_count: int = 0
    #: Entries that named nobody; they are in no list.
    unread_count: int = 0


def read_export(parts: Sequence[ExportPart]) -> Export:
    """Reads all parts of one export together.

    Raises:
        ExportUnreadable: what is wrong with the file and what to do, in a sentence for the person.
    """
    reading = Reading()
    paths = [names(part.file) for part in parts]
    suffix = ".json" if any(_list_of(path, ".json") for each in paths for path in each) else ".html"
    owner, days = _one_owner([_named([part.name, *each]) for part, each in zip(parts, paths, strict=True)])
    lists = _Lists()
    for part in parts:
        for path, content in members(part.file, lambda path: _list_of(path, suffix) is not None, reading):
            lists.take(path, content, suffix)
    if "followers" not in lists.people and "following" not in lists.people:
        raise ExportUnreadable(_WHAT_TO_ASK_FOR)
    return Export(
        owner_username=owner,
        exported_on=days[-1] if days else None,
        days=days,
        missing_parts=_missing_parts([part.name for part in parts]),
        gaps=tuple(sorted(set(range(1, max(lists.numbers, default=0))) - lists.numbers)),
        is_html=suffix == ".html",
        deleted_count=lists.deleted,
        unread_count=lists.unread,
        **{name: tuple(found.values()) for name, found in lists.people.items()},
    )


class _Lists:
    """The lists as they fill up, member by member; each person once."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Person]] = {}
        self.numbers: set[int] = set()
        self.deleted = 0
        self.unread = 0

    def take(self, path: str, content: bytes, suffix: str) -> None:
        """Adds what one member holds."""
        found = _list_of(path, suffix)
        if found is None:
            return
        name, number = found
        if name == "followers" and number is not None:
            self.numbers.add(number)
        read = rows_of_json if suffix == ".json" else rows_of_html
        people = self.people.setdefault(name, {})
        total = unread = 0
        for row in self._named(read(content, path)):
            total += 1
            if row.username is None:
                unread += 1
            elif row.username not in people or people[row.username].followed_at is None:
                people[row.username] = Person(pk=None, username=row.username, followed_at=row.followed_at)
        if unread > _UNREADABLE_SHARE * total:
            raise ExportUnreadable(
                "This export is written in a form that this site does not know yet. Nothing was taken from it.",
                detail=f"{name}: {unread} of {total} entries",
            )
        self.unread += unread

    def _named(self, rows: Iterator[Row]) -> Iterator[Row]:
        for row in rows:
            if row.is_deleted:
                self.deleted += 1
            else:
                yield row


def _list_of(path: str, suffix: str) -> tuple[str, int | None] | None:
    """Which list the member at ``path`` is, and its number; judged by its base name, since folders have moved."""
    if "__MACOSX" in path:
        return None
    base = PurePosixPath(path.replace("\\", "/")).name.lower()
    if not base.endswith(suffix):
        return None
    for name, pattern in _LISTS.items():
        found = pattern.fullmatch(base[: -len(suffix)])
        if found:
            number = found.group(1) if pattern.groups else None
            return name, int(number) if number else None
    return None


def _one_owner(named: list[tuple[str | None, date | None]]) -> tuple[str | None, tuple[date, ...]]:
    """Whose export it is, and the days on which its parts were made."""
    owners = sorted({owner for owner, _ in named if owner is not None})
    if len(owners) > 1:
        told = ", ".join(f"@{owner}" for owner in owners[:5])
        raise ExportUnreadable(f"These files are exports of different accounts: {told}. Upload those of one account.")
    return owners[0] if owners else None, tuple(sorted({day for _, day in named if day is not None}))


def _missing_parts(file_names: Sequence[str]) -> tuple[int, ...]:
    """Which parts are lacking, as far as the names of the files tell."""
    found = [match for name in file_names if (match := _PART.search(name)) is not None]
    numbers = {int(match[1]) for match in found}
    last = max([*numbers, *(int(match[2]) for match in found if match[2])], default=0)
    return tuple(sorted(set(range(1, last + 1)) - numbers))


def _named(candidates: list[str]) -> tuple[str | None, date | None]:
    """Owner and day, as the name of the file or of its outer folder tells them."""
    for pattern in (_NAMED, _NAMED_LONG_AGO):
        for candidate in candidates:
            found = pattern.search(candidate)
            if found:
                owner, *day = found.groups()
                try:
                    return owner.lower(), date(*map(int, day))
                except ValueError:
                    continue
    return None, None
