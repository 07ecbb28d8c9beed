"""Feeds: one account's alerts under an address that is its own key. Stored is only the key's hash.

A feed belongs to the member who made it and goes with the membership: whoever leaves takes no key along.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _

from accounts.models import Membership, TrackedAccount, User, Workspace
from igsite import audit
from igsite.problems import Conflict
from igsite.text import clean_text
from monitoring.alert_words import say
from monitoring.models import Alert, AlertFeed

#: Feeds of one workspace, and alerts in one feed.
MOST: Final = 100
ITEMS: Final = 50
_NOTED_EVERY: Final = timedelta(minutes=10)


class TooManyFeeds(Conflict):
    """One must be revoked first."""

    code = "too_many_feeds"


@transaction.atomic
def make(*, account: TrackedAccount, by: User, language: str, now: datetime) -> tuple[AlertFeed, str]:
    """A new feed and its key of 256 bits, which is returned this once. Raises :class:`TooManyFeeds`."""
    if AlertFeed.objects.for_workspace(account.workspace).count() >= MOST:
        raise TooManyFeeds(_("There are %(most)s feeds. Revoke one first.") % {"most": MOST})
    key = secrets.token_urlsafe(32)
    feed = AlertFeed.objects.create(
        workspace=account.workspace, account=account, token_hash=_hash(key), language=language, made_by=by,
        created_at=now,
    )  # fmt: skip
    audit.record(by, "feed.made", account, workspace=account.workspace, now=now)
    return feed, key


@transaction.atomic
def revoke(*, feed: AlertFeed, by: User, now: datetime) -> None:
    """Its address answers no longer."""
    audit.record(by, "feed.revoked", feed.account, workspace=feed.workspace, now=now)
    feed.delete()


def visible(workspace: Workspace, user: User, *, is_owner: bool) -> QuerySet[AlertFeed]:
    """One's own feeds; an owner sees everybody's. The newest first."""
    mine = AlertFeed.objects.for_workspace(workspace).select_related("account", "made_by", "workspace")
    return (mine if is_owner else mine.filter(made_by=user)).order_by("-created_at", "-id")


def opened(key: str, *, now: datetime) -> AlertFeed | None:
    """The feed of this key, while its maker is a member; notes that it was read."""
    found = AlertFeed.objects.filter(token_hash=_hash(key), workspace__closed_at=None, made_by__is_active=True)
    feed = found.select_related("account", "workspace").first()
    if feed is None or not Membership.objects.filter(workspace=feed.workspace_id, user=feed.made_by_id).exists():
        return None
    if feed.read_at is None or now - feed.read_at > _NOTED_EVERY:
        AlertFeed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed


def alerts_of(feed: AlertFeed) -> list[Alert]:
    """The newest alerts about the feed's account that people are told."""
    about = Q(account=feed.account_id)
    if feed.account.profile_id is not None:
        about |= Q(profile_pk=feed.account.profile_id)
    mine = Alert.objects.filter(about, workspace=feed.workspace_id, is_silent=False)
    return list(mine.order_by("-at", "-id")[:ITEMS])


def tag_of(feed: AlertFeed, alerts: Sequence[Alert]) -> str:
    """What stands for this state of the feed: another tag, another content."""
    parts = [str(feed.pk), feed.account.username, *(str(alert.pk) for alert in alerts)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def document(feed: AlertFeed, alerts: Sequence[Alert], *, site: str) -> bytes:
    """RSS 2.0, in the feed's language. ``site`` is the address that paths are put behind. All text is escaped."""
    with translation.override(feed.language):
        shown = Rss201rev2Feed(
            title=_("Alerts about @%(name)s") % {"name": feed.account.username}, link=f"{site}/alerts/",
            description=_("What changed, as %(workspace)s is told.") % {"workspace": clean_text(feed.workspace.name)},
            language=feed.language,
        )  # fmt: skip
        for alert in alerts:
            shown.add_item(
                title=clean_text(say(alert)), link=f"{site}{alert.evidence or '/alerts/'}",
                description=clean_text(say(alert)), unique_id=UUID(str(alert.pk)).urn, unique_id_is_permalink=False,
                pubdate=alert.at, categories=[str(alert.get_kind_display())],
            )  # fmt: skip
        return shown.writeString("utf-8").encode()


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
