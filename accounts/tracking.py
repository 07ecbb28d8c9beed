"""Tracked accounts: recognising a name in what people paste, tracking, refreshing the counts, letting go."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import identities, sources
from accounts.gateway import results
from accounts.gateway.abilities import Ability
from accounts.models import InstagramLogin, TrackedAccount, User, Workspace
from igsite.audit import record
from igsite.jobs import runner
from igsite.jobs.models import Job
from igsite.live import hint
from igsite.paging import Page, page_of
from igsite.problems import Invalid
from igsite.text import clean_text

RESOLVE: Final = "account.resolve"
_NAME: Final = re.compile(r"[a-z0-9._]{1,30}")
_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)*(?:instagram\.com|instagr\.am|ig\.me)")
_LONGEST_INPUT: Final = 2_000
_LONGEST_SEARCH: Final = 64
#: First path parts that are no profile, with what they are.
_POSTS: Final = frozenset({"p", "reel", "reels", "tv"})
_NO_PROFILE: Final = frozenset(
    {"explore", "accounts", "direct", "about", "developer", "legal", "privacy", "web", "challenge", "api", "graphql",
     "s", "share", "session", "emails", "push", "oauth", "directory", "lite", "terms", "help", "nametag"}
)  # fmt: skip


class InvalidAccountName(Invalid):
    """Neither a user name nor the address of a profile; the sentence says what to enter instead."""

    code = "invalid_account_name"

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"account": [message]})


def username_in(text: str) -> str:
    """The user name in "@name", "name", or any address of a profile on Instagram, in lower case.

    Raises:
        InvalidAccountName: there is none, or the address is that of a post.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST_INPUT:
        raise InvalidAccountName(_("Enter a user name like @name, or the address of a profile."))
    looks_like_address = "/" in text or "?" in text or _HOST.fullmatch(text.lower())
    return _checked(_from_address(text) if looks_like_address else text.removeprefix("@"))


def _from_address(text: str) -> str:
    try:
        address = urlsplit(text if "://" in text else f"https://{text.lstrip('/')}")
        host = (address.hostname or "").lower().rstrip(".")
    except ValueError:
        address, host = urlsplit(""), ""
    if not _HOST.fullmatch(host):
        raise InvalidAccountName(_("This address is not on Instagram. Enter @name, or a profile's address."))
    parts = [unquote(part) for part in address.path.split("/") if part]
    if parts[:1] == ["_u"]:  # how the app links to profiles
        parts = parts[1:]
    if parts and parts[0].lower() == "stories":
        parts = parts[1:2] if parts[1:2] != ["highlights"] else []
    first = parts[0].lower() if parts else ""
    is_post = first in _POSTS or (len(parts) > 1 and parts[1].lower() in _POSTS and len(parts) > 2)
    if is_post:
        raise InvalidAccountName(_("This is the address of a post. Enter the profile's name or address."))
    if not first or first in _NO_PROFILE:
        raise InvalidAccountName(_("This address is not that of a profile. Enter @name instead."))
    return parts[0].removeprefix("@")


def _checked(name: str) -> str:
    name = name.lower()
    if not _NAME.fullmatch(name) or name.startswith(".") or name.endswith(".") or ".." in name:
        raise InvalidAccountName(
            _("A user name has up to 30 letters a–z, digits, underscores and single dots. Enter it like @name.")
        )
    return name


def track(
    *, workspace: Workspace, account: str, by: User | None, now: datetime, login: InstagramLogin | None = None
) -> TrackedAccount:
    """Track an account given as "@name" or address; the one that is tracked already, if it is.

    Its profile is looked up by a job as soon as a login is ready.

    Raises:
        InvalidAccountName: nothing there can be tracked.
    """
    name = username_in(account)
    with transaction.atomic():
        tracked, made = TrackedAccount.objects.get_or_create(
            workspace=workspace, username=name, defaults={"created_by": by}
        )
        if made:
            record(by, "account.tracked", tracked, workspace=workspace, now=now)
            refresh(account=tracked, by=by, login=login)
    return tracked


def refresh(*, account: TrackedAccount, by: User | None, login: InstagramLogin | None = None) -> Job | None:
    """Look the account up again by a job: name, picture and counts. None while no source can do it."""
    try:
        chosen = sources.reader(
            account.workspace, Ability.PROFILE_BY_USERNAME, account=account, now=timezone.now(),
            login_id=login.pk if login else None,
        )  # fmt: skip
    except sources.NoAnswer:
        return None
    return runner.enqueue(
        RESOLVE,
        workspace=account.workspace,
        by=by,
        params={"account": str(account.pk), "login": str(chosen.login.pk) if chosen.login else None},
        subject=f"@{account.username}",
        subject_url=f"{reverse('accounts:list')}{account.pk}/",
        lane=chosen.lane,
        dedupe_key=f"resolve-{account.pk}",
    )


def page(
    workspace: Workspace, *, search: str = "", only_bookmarked: bool = False, tag: str = "", cursor: str = "",
    limit: int = 50,
) -> Page[TrackedAccount]:  # fmt: skip
    """The workspace's accounts by name, one page; ``search`` is a part of the user name, ``tag`` one of their tags."""
    accounts = TrackedAccount.objects.for_workspace(workspace).select_related("profile")
    wanted = clean_text(search).strip().removeprefix("@").lower()[:_LONGEST_SEARCH]
    if wanted:
        accounts = accounts.filter(username__contains=wanted)
    if only_bookmarked:
        accounts = accounts.filter(is_bookmarked=True)
    if tag:
        accounts = accounts.filter(tags__contains=[tag])
    # A cursor says where to go on by name: it serves whatever the list is filtered by.
    return page_of(accounts, name="accounts", order=("username", "id"), cursor=cursor, limit=limit)


def refresh_unresolved(workspace: Workspace, *, by: User | None = None, most: int = 20) -> int:
    """Look up the accounts that were added before any login was ready; how many jobs that makes."""
    waiting = TrackedAccount.objects.for_workspace(workspace).filter(profile=None, trouble="").order_by("created_at")
    return sum(refresh(account=account, by=by) is not None for account in waiting[:most])


def seen(account: TrackedAccount, profile: results.Profile, *, now: datetime) -> None:
    """Note what a source showed of the account. A new name under the same number is a rename.

    A profile that the workspace tracks already, under the name it had before, is told as trouble of this one.
    """
    identity = identities.remember(profile, now=now)
    facts: dict[str, Any] = {
        "profile": identity,
        "username": profile.username,
        "followers_count": profile.followers_count,
        "following_count": profile.following_count,
        "posts_count": profile.posts_count,
        "counted_at": now,
        "trouble": "",
    }
    try:
        with transaction.atomic():
            TrackedAccount.objects.filter(pk=account.pk).update(**facts)
            hint(topic(account), account.workspace_id)
    except IntegrityError:
        sentence = _("You track this account already, under the name it had or has: @%(name)s.")
        in_trouble(account, sentence % {"name": profile.username})


def in_trouble(account: TrackedAccount, sentence: str) -> None:
    """Note what kept a look-up from its answer. What was known before stays."""
    TrackedAccount.objects.filter(pk=account.pk).update(trouble=sentence[:300])
    hint(topic(account), account.workspace_id)


def topic(account: TrackedAccount) -> str:
    """The topic of an account's live hints."""
    return f"account-{account.pk}"


def set_bookmark(*, account: TrackedAccount, is_bookmarked: bool) -> None:
    """Bookmark the account, or not."""
    TrackedAccount.objects.filter(pk=account.pk).update(is_bookmarked=is_bookmarked)


def annotate(*, account: TrackedAccount, note: str, is_bookmarked: bool) -> None:
    """Set note and bookmark."""
    TrackedAccount.objects.filter(pk=account.pk).update(note=note[:500], is_bookmarked=is_bookmarked)


def untrack(*, account: TrackedAccount, by: User | None, now: datetime) -> None:
    """Let go of the account: it and everything that hangs on it in this workspace is deleted."""
    with transaction.atomic():
        for job in Job.objects.for_workspace(account.workspace_id).open().filter(params__account=str(account.pk)):
            runner.cancel(job, by=by)
        record(by, "account.untracked", account, workspace=account.workspace, now=now)
        account.delete()
