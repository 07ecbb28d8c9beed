"""What a failed exchange left behind, read without trusting any of it: for the classifier."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_TEXT_READ = 4_000
_JSON_READ = 200_000
_LONGEST_PAUSE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about one failure. ``is_json`` says that the answer was a JSON object, possibly an empty one."""

    class_name: str
    class_names: frozenset[str]
    status: int | None
    body: dict[str, Any]
    is_json: bool
    message: str
    error_type: str
    #: Lower-case beginning of a refusal that is no JSON, else "".
    refusal_text: str
    location: str
    retry_after: timedelta | None

    def is_a(self, *names: str) -> bool:
        """Whether the failure, a parent of its class or what it was raised from is named so."""
        return not self.class_names.isdisjoint(names)

    @property
    def status_text(self) -> str:
        return "" if self.status is None else str(self.status)

    @property
    def api_path(self) -> str:
        """Where a challenge goes on that a code may answer; "" for those that only the app can (``native_flow``)."""
        challenge = self.body.get("challenge")
        if not isinstance(challenge, dict) or challenge.get("native_flow"):
            return ""
        path = challenge.get("api_path")
        return path[:500] if isinstance(path, str) and "/challenge/" in path else ""


def gather(failure: Exception, response: object = None) -> Evidence:
    """Reads ``failure`` and its answer (``requests`` and ``httpx`` alike). Never raises."""
    answer = getattr(failure, "response", None)
    answer = response if answer is None else answer
    status = getattr(answer, "status_code", None)
    text = _text(answer)
    body = _json_object(text)
    carried = {} if body is not None else _carried(failure)
    facts = body if body is not None else carried
    return Evidence(
        class_name=type(failure).__name__,
        class_names=_class_names(failure),
        status=status if isinstance(status, int) else None,
        body=facts,
        is_json=body is not None,
        message=_string(facts.get("message")),
        error_type=_string(facts.get("error_type")),
        refusal_text=text[:_TEXT_READ].lower() if body is None and isinstance(status, int) and status >= 400 else "",
        location=_header(answer, "Location").lower(),
        retry_after=_pause(_header(answer, "Retry-After")),
    )


def _class_names(failure: BaseException) -> frozenset[str]:
    chain = [failure, *filter(None, (failure.__cause__, failure.__context__))]
    reason = failure.args[0] if failure.args else None
    if isinstance(reason, BaseException):
        chain.append(reason)
    return frozenset(parent.__name__ for link in chain for parent in type(link).__mro__)


def _text(answer: object) -> str:
    try:
        content = getattr(answer, "content", b"")
    except Exception:  # an answer whose body cannot be read any more has none
        return ""
    # Not ``.text``: that guesses the encoding of unlabelled pages, which takes seconds for large ones.
    return content[: _JSON_READ + 1].decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        body = json.loads(text) if 0 < len(text) <= _JSON_READ else None
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _carried(failure: Exception) -> dict[str, Any]:
    """What the library copied from the answer onto its exception."""
    names = ("message", "error_type", "challenge", "two_factor_info", "feedback_message", "spam", "status")
    return {name: value for name in names if (value := getattr(failure, name, None)) is not None}


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)[:_TEXT_READ]


def _header(answer: object, name: str) -> str:
    try:
        return str(answer.headers.get(name) or "")  # type: ignore[attr-defined]
    except AttributeError:
        return ""


def _pause(value: str) -> timedelta | None:
    """``Retry-After`` in either of its two forms, within a week; None when absent or nonsense."""
    try:
        pause = timedelta(seconds=int(value)) if value.isdigit() else parsedate_to_datetime(value) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(pause, timedelta()), _LONGEST_PAUSE)
