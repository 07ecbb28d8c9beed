"""Which post people mean: its address, its short code, or Instagram's number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from accounts.gateway.errors import GatewayError
from accounts.gateway.providers.post_codes import code_in_address, pk_of_code
from igsite.problems import Invalid
from igsite.text import clean_text, words_of

_NUMBER: Final = re.compile(r"[1-9][0-9]{14,18}")
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{5,64}")


class NoPost(Invalid):
    """This names no post."""

    code = "no_post"

    def __init__(self, text: str) -> None:
        super().__init__(_("“%(text)s” is no post: give its address, its code or its number.") % {"text": text[:80]})


def post_pk(text: str) -> int:
    """The post's number. Numbers have fifteen digits at least: what is shorter is a code. Raises :class:`NoPost`."""
    words = text.strip()
    if _NUMBER.fullmatch(words) and int(words) < 1 << 63:
        return int(words)
    try:
        return pk_of_code(words if _CODE.fullmatch(words) else code_in_address(words))
    except (GatewayError, ValueError) as error:
        raise NoPost(words) from error


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names: posts in their order, each with the words behind it; ``odd`` is what is no post."""

    posts: dict[int, str]
    odd: list[str]


def read(text: str, *, with_words: bool) -> Named:
    """Posts one per line. ``with_words``: what follows a post on its line is its comment, else it is more posts."""
    posts: dict[int, str] = {}
    odd: list[str] = []
    for line in text.splitlines():
        first, _space, rest = line.strip().partition(" ")
        pieces = [(first, rest.strip())] if with_words else [(word, "") for word in words_of(line)]
        for word, words in pieces:
            try:
                if word:
                    posts.setdefault(post_pk(word), words)
            except NoPost:
                odd.append(clean_text(word, limit=100))
    return Named(posts, odd)
