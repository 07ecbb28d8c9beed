"""Time-based one-time passwords (RFC 6238: SHA-1, 30 seconds, six digits), for logins whose seed is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

_STEP = 30
_DIGITS = 6


def totp_code(seed: str, at: float) -> str:
    """The code that ``seed`` (base 32, blanks and case ignored) gives at ``at``, in seconds since 1970.

    Raises:
        ValueError: ``seed`` is not base 32.
    """
    letters = "".join(seed.split()).replace("-", "").rstrip("=").upper()
    try:
        key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError as error:  # binascii.Error is one
        raise ValueError("a seed has the letters A–Z and the digits 2–7 only") from error
    if not key:
        raise ValueError("the seed is empty")
    digest = hmac.new(key, struct.pack(">Q", int(at) // _STEP), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)
