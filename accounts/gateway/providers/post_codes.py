"""The short code of a post, as in its address, and its number: the same thing in two notations."""

from __future__ import annotations

import re

from accounts.gateway import errors

_CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE_LENGTH = 11
_ADDRESS = re.compile(r"https://(?:www\.)?instagram\.com/(?:[a-z0-9._]{1,64}/)?(?:p|reel|reels|tv)/([A-Za-z0-9_-]+)")


def pk_of_code(code: str) -> int:
    """The number of a post's short code (base 64, most significant first). Posts of private accounts carry a longer
    code, whose first eleven letters count.

    Raises:
        Gone: it cannot be a post's code.
    """
    number = 0
    for letter in code[:_CODE_LENGTH]:
        position = _CODE_LETTERS.find(letter)
        if position < 0:
            number = 0
            break
        number = number * 64 + position
    if not 0 < number < 1 << 63:
        raise errors.Gone("This is not the code of a post on Instagram.")
    return number


def code_of_pk(pk: int) -> str:
    """The short code of a post's number."""
    code = ""
    while pk > 0:
        pk, letter = divmod(pk, 64)
        code = _CODE_LETTERS[letter] + code
    return code


def code_in_address(address: str) -> str:
    """The code in the address of a post.

    Raises:
        ValueError: there is none.
    """
    found = _ADDRESS.match(address)
    if found is None:
        raise ValueError("no address of a post")
    return found[1]
