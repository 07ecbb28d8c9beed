"""Sentences about batches that say what happens to how many by whom: read before a confirmation."""

from __future__ import annotations

from django.utils.translation import ngettext

from automation.models import ActionKind, Batch

#: The kinds of actions whose targets are people.
OF_PEOPLE = (ActionKind.FOLLOW, ActionKind.UNFOLLOW, ActionKind.REMOVE)


def order_in_words(batch: Batch, count: int) -> str:
    """What is confirmed: "Follow 48 people from @login"."""
    said = {"count": count, "login": batch.login.username}
    if batch.kind == ActionKind.FOLLOW:
        return ngettext(
            "Follow %(count)s person from @%(login)s", "Follow %(count)s people from @%(login)s", count
        ) % said  # fmt: skip
    if batch.kind == ActionKind.UNFOLLOW:
        return ngettext(
            "Unfollow %(count)s person from @%(login)s", "Unfollow %(count)s people from @%(login)s", count
        ) % said  # fmt: skip
    if batch.kind == ActionKind.REMOVE:
        return ngettext(
            "Remove %(count)s follower of @%(login)s", "Remove %(count)s followers of @%(login)s", count
        ) % said  # fmt: skip
    if batch.kind == ActionKind.LIKE:
        return ngettext(
            "Like %(count)s post from @%(login)s", "Like %(count)s posts from @%(login)s", count
        ) % said  # fmt: skip
    if batch.kind == ActionKind.UNLIKE:
        return ngettext(
            "Take back %(count)s like of @%(login)s", "Take back %(count)s likes of @%(login)s", count
        ) % said  # fmt: skip
    return ngettext(
        "Comment on %(count)s post from @%(login)s", "Comment on %(count)s posts from @%(login)s", count
    ) % said  # fmt: skip
