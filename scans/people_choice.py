"""What a list of people may be narrowed down to, and the orders it can be shown in. No query here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class PeopleList(models.TextChoices):
    """The lists of people of one account."""

    FOLLOWERS = "followers", _("Followers")
    FOLLOWING = "following", _("Following")
    MUTUALS = "mutuals", _("Mutuals")
    DONT_FOLLOW_BACK = "dont_follow_back", _("Don’t follow back")
    FANS = "fans", _("Fans")


#: The lists that are read; the others are comparisons of both.
READ_LISTS: Final = (PeopleList.FOLLOWERS, PeopleList.FOLLOWING)


class PeopleSort(models.TextChoices):
    """The orders that a list can be shown in. Instagram numbers its accounts as they are opened."""

    NAME = "name", _("Name")
    NAME_DOWN = "name_down", _("Name, Z to A")
    NEWEST = "newest", _("Newest first")
    OLDEST = "oldest", _("Longest on the list")
    YOUNGEST_ACCOUNT = "youngest_account", _("Youngest account")
    OLDEST_ACCOUNT = "oldest_account", _("Oldest account")


class Standing(models.TextChoices):
    """Everybody on the list, or those who came or left."""

    ALL = "", _("Everybody")
    NEW = "new", _("New with the last scan")
    LOST = "lost", _("Lost")


class Trait(models.TextChoices):
    """What people can be chosen by. Whoever is not known to have a trait does not have it."""

    VERIFIED = "verified", _("Verified")
    PRIVATE = "private", _("Private")
    PUBLIC = "public", _("Public")
    BUSINESS = "business", _("Business account")
    PICTURE = "picture", _("With picture")
    NO_PICTURE = "no_picture", _("Without picture")


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to show of a list: found by ``search``, of a ``standing``, with all the ``traits``."""

    search: str = ""
    standing: Standing = Standing.ALL
    traits: frozenset[Trait] = frozenset()

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is left out."""
        return self == Choice()

    @property
    def name(self) -> str:
        """For cursors, which serve one choice only."""
        return f"{self.standing.value}:{','.join(sorted(self.traits))}:{self.search}"


#: Each trait as a condition on the profile ``p``.
TRAIT_SQL: Final = {
    Trait.VERIFIED: "p.is_verified",
    Trait.PRIVATE: "p.is_private",
    Trait.PUBLIC: "not p.is_private",
    Trait.BUSINESS: "p.is_business",
    Trait.PICTURE: "p.picture_path <> ''",
    Trait.NO_PICTURE: "p.picture_path = ''",
}
