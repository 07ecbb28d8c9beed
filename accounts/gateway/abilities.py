"""What each source can do, what it needs and what it costs: for chains of sources, estimates and the settings page.

Declared once, here; ``tests/gateway/test_abilities.py`` holds it against what the sources really do. No client library
is imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Ability(StrEnum):
    """One thing that can be asked of a source; the name of the method of ``ReadGateway``."""

    PROFILE_BY_USERNAME = "profile_by_username"
    PROFILE = "profile"
    FOLLOWERS = "followers"
    FOLLOWING = "following"
    FRIENDSHIP = "friendship"
    FRIENDSHIPS = "friendships"
    POSTS = "posts"
    POST = "post"
    COMMENTS = "comments"
    LIKERS = "likers"
    SEARCH = "search"


class Needs(StrEnum):
    """What must be there before a source can be asked."""

    NOTHING = "nothing"
    LOGIN = "login"
    KEY = "key"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Offer:
    """One ability of one source.

    Attributes:
        page_size: the most rows that one request brings; 1 for a single answer.
        dollars_per_1000: US dollars for a thousand results as the source published them; None: not known here (the run
            tells afterwards) or nothing, see ``Source.is_paid``.
        by_username: the source knows names only: it is asked with the user name of the account, not with its pk.
        needs_professional: business and creator accounts only.
        gives_pk: the people in its answers carry their pk.
    """

    page_size: int = 1
    dollars_per_1000: Decimal | None = None
    by_username: bool = False
    needs_professional: bool = False
    gives_pk: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """A source as a whole.

    Attributes:
        name: the ``source`` of its gateway.
        door: the function in ``accounts.gateway.providers`` that opens it; "" if it is no gateway.
        needs: what must be there before it can be asked.
        works_in_runs: a paid run is started, looked after until it is over, then read: ``RunGateway``.
        is_paid: each result or request costs money.
        sees_private: shows private accounts that the login follows.
        newest_first: lists can be asked for newest first.
        writes: follows, likes and comments.
    """

    name: str
    label: str
    door: str
    needs: Needs
    offers: Mapping[Ability, Offer]
    works_in_runs: bool = False
    is_paid: bool = False
    sees_private: bool = False
    newest_first: bool = False
    writes: bool = False

    def can(self, ability: Ability) -> bool:
        """Whether the source has ``ability`` at all."""
        return ability in self.offers

    def requests_for(self, ability: Ability, results: int) -> int | None:
        """How many requests bring ``results`` rows at best, at least one; None if the source cannot do it."""
        offer = self.offers.get(ability)
        return None if offer is None else max(1, -(-results // offer.page_size))

    def dollars_for(self, ability: Ability, results: int) -> Decimal | None:
        """What ``results`` rows cost: 0 for a free source, None if the price is not known or it cannot do it."""
        offer = self.offers.get(ability)
        if offer is None:
            return None
        if not self.is_paid:
            return Decimal(0)
        return None if offer.dollars_per_1000 is None else offer.dollars_per_1000 * max(results, 1) / 1000


def _source(name: str, label: str, door: str, needs: Needs, offers: dict[Ability, Offer], **more: bool) -> Source:
    return Source(name, label, door, needs, MappingProxyType(offers), **more)


#: docs.tikhub.io: from 0.001 US dollars a request, cheaper in volume.
_TIKHUB = Offer(dollars_per_1000=Decimal(1), by_username=True)
#: Prices of actors change and depend on the plan, so none is written here: a run tells what it cost.
_RUN_PAGE = 1_000

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        source.name: source
        for source in (
            _source(
                "instagrapi_private", "Instagram login", "open_private", Needs.LOGIN,
                {
                    Ability.PROFILE_BY_USERNAME: Offer(),
                    Ability.PROFILE: Offer(),
                    Ability.FOLLOWERS: Offer(200),
                    Ability.FOLLOWING: Offer(200),
                    Ability.FRIENDSHIP: Offer(),
                    Ability.FRIENDSHIPS: Offer(100),
                    Ability.POSTS: Offer(33),
                    Ability.POST: Offer(),
                    Ability.COMMENTS: Offer(15),
                    Ability.LIKERS: Offer(1_000),
                    Ability.SEARCH: Offer(30),
                },
                sees_private=True, newest_first=True, writes=True,
            ),
            _source(
                "web_public", "Public web", "open_web_public", Needs.NOTHING,
                {
                    Ability.PROFILE_BY_USERNAME: Offer(),
                    Ability.FOLLOWERS: Offer(12),
                    Ability.FOLLOWING: Offer(24),
                },
            ),
            _source(
                "apify", "Apify", "open_apify", Needs.KEY,
                {
                    Ability.PROFILE_BY_USERNAME: Offer(_RUN_PAGE, by_username=True),
                    Ability.FOLLOWERS: Offer(_RUN_PAGE, by_username=True),
                    Ability.FOLLOWING: Offer(_RUN_PAGE, by_username=True),
                    Ability.POSTS: Offer(_RUN_PAGE, by_username=True),
                    Ability.COMMENTS: Offer(_RUN_PAGE),
                },
                works_in_runs=True, is_paid=True,
            ),
            _source(
                "tikhub", "TikHub", "open_tikhub", Needs.KEY,
                {Ability.PROFILE_BY_USERNAME: _TIKHUB, Ability.POST: _TIKHUB},
                is_paid=True,
            ),
            _source(
                "meta_graph", "Meta Graph API", "open_meta_graph", Needs.KEY,
                {
                    Ability.PROFILE_BY_USERNAME: Offer(by_username=True, needs_professional=True),
                    Ability.POSTS: Offer(50, by_username=True, needs_professional=True),
                },
            ),
            _source(
                "export_zip", "Instagram’s own export", "", Needs.FILE,
                {
                    Ability.FOLLOWERS: Offer(1_000_000, gives_pk=False),
                    Ability.FOLLOWING: Offer(1_000_000, gives_pk=False),
                },
                sees_private=True,
            ),
        )
    }
)  # fmt: skip


def sources_for(ability: Ability) -> tuple[Source, ...]:
    """All sources that have ``ability``, in the order of declaration."""
    return tuple(source for source in SOURCES.values() if source.can(ability))
