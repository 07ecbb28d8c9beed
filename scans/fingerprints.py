"""Fingerprints of people as a scan saw them: what lets a merge leave alone whoever did not change. No Django here."""

from __future__ import annotations

from hashlib import md5
from zlib import crc32

from accounts.gateway.results import Person

_SIGN = 2**31
_FLAG = {None: "?", False: "0", True: "1"}


def picture_path(url: str | None) -> str:
    """The path of a picture's address. Host and signature change at every fetch and mean nothing."""
    start = url.find("/", url.find("://") + 3) if url and "://" in url else -1
    if not url or start < 0:
        return ""
    path = url[start:].partition("?")[0]
    return path.partition("#")[0] if "#" in path else path


def name_fingerprint(username: str) -> int:
    """32 signed bits of a user name: the same as the database's function of this name."""
    return int.from_bytes(md5(username.encode(), usedforsecurity=False).digest()[:4], "big", signed=True)


def fingerprint(person: Person, path: str) -> int:
    """32 signed bits of all that a list shows of a person, ``path`` being that of the picture."""
    flags = _FLAG[person.is_private] + _FLAG[person.is_verified]
    value = crc32(f"{person.username}\n{person.full_name}\n{flags}{path}".encode())
    return value - 2 * _SIGN if value >= _SIGN else value
