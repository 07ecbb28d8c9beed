"""What people paste, recognised: the profile or the post that they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from accounts.tracking import InvalidAccountName, username_in
from igsite.problems import Invalid
from monitoring.models import MonitorKind

_HOST: Final = re.compile(r"(?:[a-z0-9-]+\.)*(?:instagram\.com|instagr\.am)")
_POST: Final = re.compile(r"/(?:[A-Za-z0-9._]+/)?(?:p|reel|reels|tv)/([^/]+)/?")
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{5,64}")
_LONGEST: Final = 2_000


class InvalidTarget(Invalid):
    """Neither a profile nor a post; the sentence says what to enter instead."""

    code = "invalid_target"

    def __init__(self, message: str, *, field: str = "target") -> None:
        super().__init__(message, fields={field: [message]})


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be measured: ``name`` is a profile's user name or a post's short code."""

    kind: MonitorKind
    name: str


def target_in(text: str) -> Target:
    """The profile or post in "@name", "name" or an address on Instagram.

    Raises:
        InvalidTarget: there is neither.
    """
    code = _code_in_address(text.strip())
    if code:
        return Target(MonitorKind.POST, code)
    return Target(MonitorKind.PROFILE, profile_in(text, field="target"))


def profile_in(text: str, *, field: str = "username") -> str:
    """The user name, lower-case. Raises :class:`InvalidTarget`."""
    try:
        return username_in(text)
    except InvalidAccountName as refused:
        raise InvalidTarget(str(refused), field=field) from refused


def post_in(text: str, *, field: str = "post_url") -> str:
    """The short code in a post's address, or the bare code. Raises :class:`InvalidTarget`."""
    text = text.strip()
    code = _code_in_address(text) or (text if _CODE.fullmatch(text) else "")
    if not code:
        raise InvalidTarget(
            _("Enter the address of a post, like https://www.instagram.com/p/CxYQJO8xuC6/."), field=field
        )
    return code


def _code_in_address(text: str) -> str:
    if "/" not in text or len(text) > _LONGEST:
        return ""
    try:
        address = urlsplit(text if "://" in text else f"https://{text.lstrip('/')}")
        host = (address.hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
    found = _POST.fullmatch(unquote(address.path)) if _HOST.fullmatch(host) else None
    return found[1] if found and _CODE.fullmatch(found[1]) else ""
