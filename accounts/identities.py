"""Instagram identities as sources show them: facts shared by all workspaces, keyed by Instagram's own number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from accounts.gateway import results
from accounts.models import Profile

_FULL_NAME, _BIOGRAPHY, _PATH = 300, 2_000, 1_000


def known(pk: int, username: str) -> Profile:
    """The identity with that number, made if it is new; a new name of an old number is a rename."""
    return _stored(Profile(pk=pk, username=username), {"username"})


def remember(seen: results.Profile, *, now: datetime) -> Profile:
    """Store what a source showed of a profile at ``now``. What it did not show stays as it was."""
    facts = _shown(seen, now)
    return _stored(Profile(pk=seen.pk, **facts), facts.keys())


def remember_all(seen: Iterable[tuple[results.Profile, datetime]]) -> None:
    """The same for several, each at its time: one statement for all of which the same was shown, in the order of their
    numbers, so that two who store the same people never wait for each other."""
    alike: dict[tuple[str, ...], dict[int, Profile]] = {}
    for one, now in seen:
        facts = _shown(one, now)
        alike.setdefault(tuple(sorted(facts)), {})[one.pk] = Profile(pk=one.pk, **facts)
    for fields, people in sorted(alike.items()):
        rows = [people[pk] for pk in sorted(people)]
        Profile.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields))


def _shown(seen: results.Profile, now: datetime) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "full_name": seen.full_name[:_FULL_NAME],
        "is_private": seen.is_private,
        "is_verified": seen.is_verified,
        "is_business": seen.is_business,
        "picture_path": urlsplit(seen.picture_url).path[:_PATH] if seen.picture_url else None,
        "biography": seen.biography[:_BIOGRAPHY],
        "followers_count": seen.followers_count,
        "following_count": seen.following_count,
        "posts_count": seen.posts_count,
    }
    return {name: value for name, value in shown.items() if value is not None} | {
        "username": seen.username, "details_at": now,
    }  # fmt: skip


def _stored(profile: Profile, fields: Iterable[str]) -> Profile:
    """Insert or update in one statement: other workspaces may be storing the same identity right now."""
    Profile.objects.bulk_create([profile], update_conflicts=True, unique_fields=["id"], update_fields=sorted(fields))
    return Profile.objects.get(pk=profile.pk)
