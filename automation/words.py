"""Sentences about batches: what happens to how many by whom, read before a confirmation; names that nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automation.models import ON_POSTS, ActionKind, Batch
from automation.naming import Named

_TOLD: Final = 20

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


def left_out(batch: Batch, count: int) -> str:
    """How many people or posts a person left out of ``batch``."""
    if batch.kind in ON_POSTS:
        said = ngettext("%(count)s post was left out.", "%(count)s posts were left out.", count)
    else:
        said = ngettext("%(count)s person was left out.", "%(count)s people were left out.", count)
    return said % {"count": count}


def taken_in(batch: Batch, count: int) -> str:
    """How many people or posts were taken in again."""
    if batch.kind in ON_POSTS:
        said = ngettext("%(count)s post was taken in.", "%(count)s posts were taken in.", count)
    else:
        said = ngettext("%(count)s person was taken in.", "%(count)s people were taken in.", count)
    return said % {"count": count}


def words_of_odd(odd: Sequence[str]) -> str:
    """What was typed and names nobody."""
    return _("These are no names of people: %(words)s.") % {"words": _some(odd)}


def words_of_unknown(unknown: Sequence[Named]) -> str:
    """Who is named and would have to be looked up."""
    said = ngettext(
        "%(count)s person is not known here yet: %(names)s. Each look is a read of the login’s budget.",
        "%(count)s people are not known here yet: %(names)s. Each look is a read of the login’s budget.",
        len(unknown),
    )
    return said % {"count": len(unknown), "names": _some([one.text for one in unknown])}


def words_of_strangers(unknown: Sequence[Named]) -> str:
    """Who is named and not known here, where nobody was named who could look them up."""
    said = _("Not known here: %(names)s. Choose the login that looks them up, or leave them out.")
    return said % {"names": _some([one.text for one in unknown])}


def _some(words: Sequence[str]) -> str:
    more = len(words) - _TOLD
    said = ", ".join(words[:_TOLD])
    return said if more <= 0 else _("%(some)s and %(more)s more") % {"some": said, "more": more}
