"""Secrets that nobody can mistake, and a search that finds them however they are written."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

_TOKEN = re.compile(rb"[A-Za-z0-9+/_=-]{24,}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
_DEPTH = 2


def canary(kind: str) -> str:
    """A secret of this kind, unlike anything else: long enough for each form of it to be unmistakable."""
    return f"Canary+{kind}/{uuid4().hex}"


def forms_of(secret: str) -> list[bytes]:
    """The secret as it might be written down: plain, in JSON, in an address, in hex, in base64 at any offset."""
    raw = secret.encode()
    forms = {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode(), secret.encode("utf-16-le")}
    forms |= {raw.hex().encode(), raw.hex().upper().encode(), secret.replace("/", "\\/").encode()}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + raw)
        # What the neighbours share a digit with is cut off on both sides.
        core = coded[-(-offset * 8 // 6) :].rstrip(b"=")[1:-2]
        forms |= {core, core.replace(b"+", b"-").replace(b"/", b"_")}
    return sorted(forms)


def found_in(text: bytes, secrets: dict[str, str]) -> set[str]:
    """The names of those secrets that stand in ``text``, in any form, also within base64, hex or compressed parts."""
    wanted = {name: forms_of(secret) for name, secret in secrets.items()}
    found: set[str] = set()
    for part in [text, *_unpacked(text, _DEPTH)]:
        found |= {name for name, forms in wanted.items() if any(form in part for form in forms)}
    return found


def _unpacked(text: bytes, depth: int) -> Iterator[bytes]:
    """What decodes, from the inside out; bytes that look like a token and are none come out as noise."""
    for token in {match[0] for pattern in (_TOKEN, _HEX) for match in pattern.finditer(text)}:
        for plain in _decoded(token):
            yield plain
            if depth > 1:
                yield from _unpacked(plain, depth - 1)


def _decoded(token: bytes) -> Iterator[bytes]:
    if _HEX.fullmatch(token):
        yield from _with_inflated(binascii.unhexlify(token))
    try:
        yield from _with_inflated(base64.b64decode(token + b"=" * (-len(token) % 4), altchars=b"-_"))
        yield from _with_inflated(base64.b64decode(token + b"=" * (-len(token) % 4)))
    except (binascii.Error, ValueError):
        return


def _with_inflated(plain: bytes) -> Iterator[bytes]:
    yield plain
    try:
        yield zlib.decompress(plain)
    except zlib.error:
        return
