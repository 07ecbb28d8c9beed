"""Looking at the target of an action, before it is sent and afterwards: a friendship, or a post.

One request a call: a login pauses between two, and the job goes on with what it kept (:class:`Look`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from accounts.gateway.protocol import ReadGateway
from accounts.gateway.providers.post_codes import code_of_pk
from accounts.gateway.results import Comment
from automation.models import ON_POSTS, ActionKind, Item
from automation.readings import PostSeen, Seen

#: Pages of comments that are looked through for one's own; Instagram shows those first as a rule.
PAGES: Final = 3
#: The same where a row of ours may be missing: then only the whole list proves that nothing was written.
PAGES_AFTER_RESTORE: Final = 10
#: A look that is not over after so long begins anew.
LASTS: Final = timedelta(minutes=30)
#: How far Instagram's clock and that of a backup may differ.
_CLOCKS: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """How far a look is. ``seen`` is None until it is over; ``owner_pk`` and ``taken_at`` are those of the post."""

    about: str
    began_at: datetime
    has_post: bool = False
    owner_pk: int | None = None
    taken_at: datetime | None = None
    pages: int = 0
    cursor: str | None = None
    seen: Seen | None = None

    @classmethod
    def going_on(cls, kept: Mapping[str, Any], about: str, now: datetime) -> Look:
        """The look that was kept (:meth:`as_kept`) if it is ``about`` this and young, else a new one."""
        if kept.get("about") != about or datetime.fromisoformat(kept["began_at"]) < now - LASTS:
            return cls(about, now)
        taken = kept["taken_at"]
        return cls(
            about, datetime.fromisoformat(kept["began_at"]), kept["has_post"], kept["owner_pk"],
            datetime.fromisoformat(taken) if taken else None, kept["pages"], kept["cursor"],
        )  # fmt: skip

    def as_kept(self) -> dict[str, Any]:
        """For the cursor of a job."""
        return {
            "about": self.about, "began_at": self.began_at.isoformat(), "has_post": self.has_post,
            "owner_pk": self.owner_pk, "taken_at": self.taken_at.isoformat() if self.taken_at else None,
            "pages": self.pages, "cursor": self.cursor,
        }  # fmt: skip


def further(
    gateway: ReadGateway, kind: str, item: Item, me: int | None, look: Look, lost_since: datetime | None = None
) -> Look:
    """How things stand between the login whose account is ``me`` and the target, by one more request.

    A post says itself whether the login likes it; where a source leaves that out its likers are asked for, of whom
    Instagram shows about a thousand: not being among them proves nothing. Comments are asked for page by page.
    ``lost_since``: since when a row of ours may be missing. Then any comment of ours since that moment is the one, for
    its text may have been another, and more is looked through. Raises what the gateway's reads raise.
    """
    if kind not in ON_POSTS:
        return replace(look, seen=gateway.friendship(item.target_pk))
    if not look.has_post:
        post = gateway.post(code_of_pk(item.target_pk))
        tells = kind != ActionKind.COMMENT and post.is_liked is not None
        seen = PostSeen(is_liked=post.is_liked) if tells else None
        return replace(look, has_post=True, owner_pk=post.owner_pk, taken_at=post.taken_at, seen=seen)
    if kind == ActionKind.COMMENT:
        return _page_of_comments(gateway, item, me, look, lost_since)
    people = gateway.likers(item.target_pk)
    return replace(look, seen=PostSeen(is_liked=any(person.pk == me for person in people) or None))


def _page_of_comments(
    gateway: ReadGateway, item: Item, me: int | None, look: Look, lost_since: datetime | None
) -> Look:
    if me is None:
        return replace(look, seen=PostSeen())
    page = gateway.comments(item.target_pk, look.cursor)
    pages = look.pages + 1
    seen: PostSeen | None = None
    if any(_is_ours(one, item, me, lost_since) for one in page.comments):
        seen = PostSeen(is_commented=True)
    elif page.next_cursor is None:
        seen = PostSeen(is_commented=False)
    elif pages >= (PAGES if lost_since is None else PAGES_AFTER_RESTORE):
        seen = PostSeen()
    return replace(look, pages=pages, cursor=page.next_cursor, seen=seen)


def _is_ours(one: Comment, item: Item, me: int, lost_since: datetime | None) -> bool:
    is_lost_one = lost_since is not None and one.created_at >= lost_since - _CLOCKS
    return one.author.pk == me and (one.text == item.text or is_lost_one)
