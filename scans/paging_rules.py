"""How a list is paged to its end, whatever the pages are like. Pure: no Django, no HTTP.

Pages come short, empty, with people that were shown before; cursors end early or lead in circles. All that one page
can change is how far the reading is; whether it was enough is judged at its end (:mod:`scans.completeness`).
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

from accounts.gateway.results import PeoplePage, Person

#: So many pages in a row without a single new person, though the source promises more: it goes in circles.
IDLE_PAGES: Final = 4
#: A commit for every page would halve the speed of a source on the same machine, and is unnoticed with Instagram, whose
#: pages take longer than this and have pauses between them.
FLUSH_PEOPLE: Final = 2_000
FLUSH_SECONDS: Final = 0.1
LOOPING_SENTENCE: Final = "The source kept sending the same people again, so reading stopped."


@dataclass(frozen=True, slots=True)
class Position:
    """How far the reading of one list is: what a job's cursor holds.

    ``cursor`` is what the next page is asked with, None at the start. ``seen`` counts different people, ``tries`` the
    failures since the last page, ``known`` (newest first only) how many of the last people in a row were on the stored
    list. ``stop`` is the reason code of an end before the last page, with its sentence.
    """

    cursor: str | None = None
    pages: int = 0
    seen: int = 0
    idle: int = 0
    tries: int = 0
    known: int = 0
    is_limited: bool = False
    is_over: bool = False
    stop: str = ""
    stop_sentence: str = ""

    def after(
        self, *, next_cursor: str | None, new_people: int, is_limited: bool, pages: int = 1, is_circle: bool = False
    ) -> Self:
        """The position behind ``pages`` further pages, which showed ``new_people`` for the first time.

        ``is_circle``: a page was followed by itself.
        """
        moved = replace(
            self,
            cursor=next_cursor,
            pages=self.pages + pages,
            seen=self.seen + new_people,
            idle=0 if new_people else self.idle + pages,
            tries=0,
            is_limited=self.is_limited or is_limited,
            is_over=next_cursor is None,
        )
        is_idle = next_cursor is not None and moved.idle >= IDLE_PAGES
        return moved.stopped("looping", LOOPING_SENTENCE) if is_circle or is_idle else moved

    def stopped(self, reason: str, sentence: str) -> Self:
        """The same position, ended there for ``reason``."""
        return replace(self, is_over=True, stop=reason, stop_sentence=sentence)

    def knowing(self, known: int) -> Self:
        """The same position, ``known`` people in a row having been on the stored list."""
        return replace(self, known=known)

    def failed_once(self) -> Self:
        """The same position after a page that did not come; it will be asked for again."""
        return replace(self, tries=self.tries + 1)

    def as_json(self) -> dict[str, Any]:
        """For a job's cursor."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """From a job's cursor."""
        return cls(**value)


class Gathered:
    """Pages that were read and are not committed yet. Slow pages, as Instagram's are, are committed one by one."""

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor
        self.people: list[Person] = []
        self.pages = 0
        self.is_limited = self.is_circle = False
        self._since = time.monotonic()

    def add(self, page: PeoplePage) -> None:
        """The page that was asked for with ``cursor``; moves ``cursor`` behind it."""
        self.is_circle = page.next_cursor is not None and page.next_cursor == self.cursor
        self.cursor = page.next_cursor
        self.people += page.people
        self.pages += 1
        self.is_limited = self.is_limited or page.is_limited

    @property
    def is_full(self) -> bool:
        """Whether it is time to commit: many people, some time, or an end."""
        is_end = self.cursor is None or self.is_circle
        return is_end or len(self.people) >= FLUSH_PEOPLE or time.monotonic() - self._since >= FLUSH_SECONDS
