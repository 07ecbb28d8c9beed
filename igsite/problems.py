"""Refusals that a person or a program can act on: one tree for the domain, one shape in the API, one page in the site.

A use case raises its own named error, defined beside it as a subclass of the fitting class here. The API answers
``{"error": {"code", "message", "fields"?}}`` with ``status``; a page shows the message. Messages are sentences for
people: what happened and what to do. They never carry secrets.
"""

from __future__ import annotations

from typing import ClassVar


class Problem(Exception):
    """A refusal. ``code`` is for programs and never changes; ``fields`` maps an input's name to its sentences."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, fields: dict[str, list[str]] | None = None, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.error_code = code or self.code

    def __str__(self) -> str:
        return self.message


class Unauthenticated(Problem):
    """Nobody is signed in, or the token is wrong, expired or revoked."""

    status = 401
    code = "unauthenticated"


class NotAllowed(Problem):
    """Signed in, but the role or the token's scope does not reach."""

    status = 403
    code = "not_allowed"


class NotThere(Problem):
    """It does not exist for whoever asks."""

    status = 404
    code = "not_found"


class Conflict(Problem):
    """The state of things forbids it now: it runs already, it was taken, it changed meanwhile."""

    status = 409
    code = "conflict"


class Invalid(Problem):
    """The input cannot be used; ``fields`` says which part and why."""

    status = 422
    code = "invalid"


class Locked(Problem):
    """A person has to unlock something first, at ``url``. A job that meets it is blocked until somebody did."""

    status = 423
    code = "locked"

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class TooMany(Problem):
    """Too often. ``retry_after`` is in seconds."""

    status = 429
    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Problem):
    """Something that the site needs is away for the moment. ``retry_after`` is in seconds."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 30) -> None:
        super().__init__(message)
        self.retry_after = retry_after
