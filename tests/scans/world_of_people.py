"""Instagram in this process: a small world of people that changes as a test says, read through a gateway of its own.

For tests that need hundreds of scans. It answers as the real gateway does: pages, a profile's count, friendships, and
faults on request; what it knows beside that is the truth to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts import connect, source_health
from accounts.gateway.errors import GatewayError, Gone
from accounts.gateway.results import Friendship, PeoplePage, Person, Profile

OWNER = 9_000
CANONICAL = "megastar.official"
PageFault = Callable[[PeoplePage, int], PeoplePage]


@dataclass
class World:
    """``followers`` newest first; ``names`` of everybody; ``closed`` are deactivated. ``before_page`` may raise, and
    ``on_page`` changes the page of that number (from 0). ``hidden`` people follow, and no list ever shows them.
    """

    followers: list[int]
    names: dict[int, str] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    flags: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    page_size: int = 20
    is_dead: bool = False
    before_page: Callable[[int], None] | None = None
    on_page: PageFault | None = None
    page_number: int = 0
    reads: list[str] = field(default_factory=list)

    def name(self, pk: int) -> str:
        """The person's present name."""
        return self.names.get(pk, f"person{pk}")

    def listed(self) -> list[int]:
        """Whom a perfect reading shows."""
        return [pk for pk in self.followers if pk not in self.closed and pk not in self.hidden]

    def count(self) -> int:
        """What the profile claims: closed accounts are not counted, hidden ones are."""
        return len([pk for pk in self.followers if pk not in self.closed])

    def person(self, pk: int) -> Person:
        """A row of a list."""
        private, verified = self.flags.get(pk, (False, False))
        return Person(pk, self.name(pk), f"Person {pk}", is_private=private, is_verified=verified)


class WorldGateway:
    """The world as a login sees it."""

    source = "world"

    def __init__(self, world: World) -> None:
        self.world = world

    def followers(self, _pk: int, cursor: str | None = None, *, order: str = "default") -> PeoplePage:
        """One page; newest first in any order but the default, which is oldest first."""
        world = self.world
        number, world.page_number = world.page_number, world.page_number + 1
        world.reads.append("followers")
        if world.before_page is not None:
            world.before_page(number)
        shown = world.listed() if order != "default" else world.listed()[::-1]
        start = int(cursor or 0)
        page = shown[start : start + world.page_size]
        following = start + world.page_size
        onward = str(following) if following < len(shown) else None
        answer = PeoplePage(tuple(world.person(pk) for pk in page), onward)
        return world.on_page(answer, number) if world.on_page else answer

    def profile(self, pk: int) -> Profile:
        """A profile by its number."""
        self.world.reads.append("profile")
        if self.world.is_dead:
            raise Gone
        if pk == OWNER:
            return Profile(OWNER, "owner", followers_count=self.world.count(), following_count=0)
        if pk in self.world.closed:
            raise Gone
        return Profile(pk, self.world.name(pk))

    def profile_by_username(self, username: str) -> Profile:
        """A profile by its name."""
        self.world.reads.append("profile_by_username")
        if username == "owner":
            return self.profile(OWNER)
        if self.world.is_dead:
            raise Gone
        if username == CANONICAL:
            return Profile(1, CANONICAL)
        for pk in {*self.world.followers, *self.world.names}:
            if self.world.name(pk) == username and pk not in self.world.closed:
                return Profile(pk, username)
        raise Gone

    def friendship(self, pk: int) -> Friendship:
        """How the login, which is the account itself, and the person stand."""
        self.world.reads.append("friendship")
        if pk in self.world.closed or self.world.is_dead:
            raise Gone
        return Friendship(pk, following=False, followed_by=pk in self.world.followers)


def install(patch: pytest.MonkeyPatch, world: World) -> None:
    """Every job reads this world from now on."""

    @contextmanager
    def gateway_for(_login: Any, **_more: Any) -> Iterator[WorldGateway]:
        yield WorldGateway(world)

    patch.setattr(connect, "gateway_for", gateway_for)
    # The world is one account's: its odd answers say nothing of the source (tests/accounts/test_source_health.py).
    patch.setattr(source_health, "report", lambda *_what, **_more: None)


def fail_once(error: GatewayError, page: int) -> Callable[[int], None]:
    """Raise at that page, the first time that it is asked for."""
    left = [error]

    def before(number: int) -> None:
        if number >= page and left:
            raise left.pop()

    return before


def fail_for_ever(error: GatewayError, page: int) -> Callable[[int], None]:
    """Raise at that page and all following ones."""

    def before(number: int) -> None:
        if number >= page:
            raise error

    return before


def people(numbers: Sequence[int]) -> list[int]:
    """Numbers as a list, for short."""
    return list(numbers)
