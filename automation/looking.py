"""Looking at the target of an action, before it is sent and afterwards: a friendship, or a post."""

from __future__ import annotations

from typing import Final

from accounts.gateway.protocol import ReadGateway
from accounts.gateway.providers.post_codes import code_of_pk
from accounts.gateway.results import Post
from automation.models import ActionKind, Item
from automation.readings import PostSeen, Seen

#: Pages of comments that are looked through for one's own; Instagram shows those first as a rule.
PAGES: Final = 3


def look(gateway: ReadGateway, kind: str, item: Item, me: int | None, post: Post | None = None) -> Seen:
    """How things stand between the login whose account is ``me`` and the target. Raises what the gateway's reads raise.

    ``post`` is the target if it was just read. It says itself whether the login likes it; where a source leaves that
    out its likers are asked for, of whom Instagram shows about a thousand: not being among them proves nothing.
    Comments are asked for page by page.
    """
    match kind:
        case ActionKind.LIKE | ActionKind.UNLIKE:
            return _likes(gateway, item, me, post or post_of(gateway, item.target_pk))
        case ActionKind.COMMENT:
            return _comments(gateway, item, me)
    return gateway.friendship(item.target_pk)


def post_of(gateway: ReadGateway, post_pk: int) -> Post:
    """The post with this number."""
    return gateway.post(code_of_pk(post_pk))


def _likes(gateway: ReadGateway, item: Item, me: int | None, post: Post) -> PostSeen:
    if post.is_liked is not None:
        return PostSeen(is_liked=post.is_liked)
    people = gateway.likers(item.target_pk)
    return PostSeen(is_liked=any(person.pk == me for person in people) or None)


def _comments(gateway: ReadGateway, item: Item, me: int | None) -> PostSeen:
    cursor: str | None = None
    for _page in range(PAGES):
        page = gateway.comments(item.target_pk, cursor)
        if any(one.author.pk == me and one.text == item.text for one in page.comments):
            return PostSeen(is_commented=True)
        cursor = page.next_cursor
        if cursor is None:
            return PostSeen(is_commented=False)
    return PostSeen()
