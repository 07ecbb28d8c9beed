"""Secrets on their way through the program: hard to print by accident, and cut out of what is logged.

``Secret`` is the first line (a password shows as ``•••`` wherever it is formatted), the logging filter the second: it
rewrites what a library or a careless line would have written down.
"""

from __future__ import annotations

import hmac
import logging
import re
from typing import Final, NoReturn

MASK: Final = "•••"


class Secret:
    """A string that does not show itself: not in ``repr``, ``str``, formats, pickles, copies to JSON or tracebacks.

    ``reveal()`` is the only way to the value; whoever reviews the code can find each use by that name.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Never keep it longer than the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other.reveal()))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


# Each pattern keeps what precedes the secret (group 1) and drops the rest. Quotes may be escaped, since bodies are
# often JSON within JSON. The order matters: a longer name first.
_NAMES = (
    r"enc_new_password\d?|enc_password|new_password\d?|old_password|password|passphrase|passwd"
    r"|sessionid|session_id|csrftoken|csrfmiddlewaretoken|access_token|refresh_token|id_token|api_?key|x-goog-api-key"
    r"|totp_seed|two_factor_identifier|two_step_verification_context|security_code|verification_code|challenge_context"
    r"|client_secret|secret_key|secret|private_key|authorization_data|fb_dtsg"
)
_PATTERNS: Final = (
    # Headers that are secret to the end of the line.
    re.compile(r"(?im)((?:set-)?cookie\\?[\"']?\s*[:=]\s*).+$"),
    re.compile(r"(?i)(authorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:bearer|basic|token)\s+)[^\s\"'\\,;]+"),
    re.compile(r"(?i)(\bbearer\s+)[^\s\"'\\,;]+"),
    re.compile(r"()\bIGT:\d+:[A-Za-z0-9+/=_-]+"),
    re.compile(r"()#PWD_[A-Z_]+:\d+:\d*:[A-Za-z0-9+/=_-]+"),
    re.compile(r"()-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    # name: "value with spaces" — a quoted value ends at the quote, another one at white space or a separator.
    re.compile(rf"(?i)((?:{_NAMES})\\?[\"']?\s*(?::|=|%3D)\s*)\\?\"(?:[^\"\\]|\\[^\"])*\\?\""),
    re.compile(rf"(?i)((?:{_NAMES})\\?[\"']?\s*(?::|=|%3D)\s*)'[^']*'"),
    re.compile(rf"(?i)((?:{_NAMES})\\?[\"']?\s*(?:=|%3D|:)\s*)(?![•\"'\s{{\[])[^\s\"'&,;}}\\]+"),
    # user:password@ in the address of a proxy or a database.
    re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]*:)[^\s/@]+(?=@)"),
    # Addresses of ours that are their own key: feeds, invitations, new passwords.
    re.compile(r"(/(?:alerts/feed|join|reset/key)/)[A-Za-z0-9_-]+"),
)


def redact(text: str) -> str:
    """``text`` with passwords, session cookies, tokens and keys masked. What is not secret stays readable."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


class RedactingFilter(logging.Filter):
    """Masks secrets in each record: message, arguments, and the text of an exception. Drops nothing.

    Put it on handlers, not on loggers: a logger's filter does not see what its children log.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except Exception:  # a log line with wrong arguments must not end the work it tells of
            message = str(record.msg)
        record.msg, record.args = redact(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True
