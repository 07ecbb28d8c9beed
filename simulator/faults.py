"""Faults on request: which requests they strike, and what becomes of the answer."""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.wire import Request, Response, as_json

HTML = b"<!DOCTYPE html><html><head><title>Instagram</title></head><body><h1>Something went wrong.</h1></body></html>"
WAIT = "Please wait a few minutes before you try again."


class FaultError(ValueError):
    """A fault was asked for that does not exist; the message says which do."""


@dataclass(slots=True)
class Fault:
    """Strikes requests whose "host/path?query" matches `path` (a regular expression or a part of it): from the
    `after_pages`-th match on (or only on match number `page`, counted from 1), `count` times (-1: always)."""

    id: int
    path: str
    kind: str
    count: int = 1
    after_pages: int = 0
    page: int | None = None
    login: str | None = None
    status: int | None = None
    retry_after: int | None = None
    ms: int = 1000
    field_name: str = ""
    size: int = 0
    hits: int = 0
    seen: int = 0

    def is_spent(self) -> bool:
        return self.count >= 0 and self.hits >= self.count

    def strikes(self, where: str, login_names: set[str]) -> bool:
        """Whether this request is struck; counts it as seen."""
        if self.is_spent() or (self.login is not None and self.login not in login_names):
            return False
        if self.path not in where and not re.search(self.path, where):
            return False
        self.seen += 1
        return self.seen > self.after_pages and self.page in (None, self.seen)

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def _message(status: int, message: str, **more: Any) -> Callable[[Fault], Response]:
    def build(fault: Fault) -> Response:
        headers = [("Retry-After", str(fault.retry_after))] if fault.retry_after is not None else []
        return as_json({"message": message, **more, "status": "fail"}, fault.status or status, headers)

    return build


def _challenge(fault: Fault) -> Response:
    path = "/challenge/1/faultNonce/"
    challenge = {
        "url": f"https://i.instagram.com{path}",
        "api_path": path,
        "hide_webview_header": True,
        "lock": True,
        "logout": False,
        "native_flow": fault.field_name == "native",
    }
    return as_json(
        {"message": "challenge_required", "challenge": challenge, "status": "fail"},
        fault.status or 400,
    )


ANSWERS: dict[str, Callable[[Fault], Response]] = {
    "429": _message(429, "Too many requests"),
    "please_wait": _message(400, WAIT),
    "web_please_wait": _message(401, WAIT, require_login=True),
    "rate_limit_error": _message(400, WAIT.replace("Please", "Kindly"), error_type="rate_limit_error"),
    "challenge": _challenge,
    "checkpoint": _message(400, "checkpoint_required", checkpoint_url="https://i.instagram.com/challenge/", lock=True),
    "feedback_required": _message(
        400, "feedback_required", spam=True, feedback_title="Try Again Later",
        feedback_message="We limit how often you can do certain things on Instagram.", feedback_action="report_problem",
    ),
    "login_required": _message(403, "login_required", error_title="You've Been Logged Out", logout_reason=2),
    "sentry_block": _message(400, "Sorry, there was a problem with your request.", error_type="sentry_block"),
    "needs_upgrade": _message(400, "Your version of Instagram is out of date.", error_type="needs_upgrade"),
    "bad_password": _message(400, "The password you entered is incorrect.", error_type="bad_password"),
    "proxy_blocked": _message(
        400, "The username you entered doesn't appear to belong to an account. Please check it and try again.",
        error_type="invalid_user",
    ),
    "private": _message(400, "Not authorized to view user"),
    "not_found": _message(404, "User not found"),
    "fail_200": _message(200, "Something went wrong."),
    "5xx": _message(500, "Oops, an error occurred."),
    "timeout_408": _message(408, "Request timed out."),
    "not_found_bare": lambda _fault: Response(404, b"Not Found", "text/plain"),
    "html": lambda fault: Response(fault.status or 200, HTML, "text/html; charset=utf-8"),
    "reset": lambda _fault: Response(is_reset=True),
    "refused": _message(403, "Refused"),
}  # fmt: skip
"""Kinds that answer instead of the service: nothing is done, nothing is written."""


def _edit(change: Callable[[dict[str, Any], Request, Fault], None]) -> Callable[[Response, Request, Fault], Response]:
    def apply(response: Response, request: Request, fault: Fault) -> Response:
        if response.status != 200 or not response.content_type.startswith("application/json"):
            return response
        data = json.loads(response.body)
        change(data, request, fault)
        response.body = json.dumps(data, separators=(",", ":")).encode()
        return response

    return apply


def _end(data: dict[str, Any], *_: Any) -> None:
    data["next_max_id"] = None
    if "more_available" in data:
        data["more_available"] = False


def _empty(data: dict[str, Any], *_: Any) -> None:
    for rows in ("users", "items", "comments"):
        if rows in data:
            data[rows] = []
    user = data.get("data", {}).get("user") if isinstance(data.get("data"), dict) else None
    for edge in ("edge_followed_by", "edge_follow"):
        if isinstance(user, dict) and edge in user:
            user[edge] |= {"edges": [], "page_info": {"has_next_page": False, "end_cursor": None}}
    _end(data)


def _limit(data: dict[str, Any], _request: Request, fault: Fault) -> None:
    data["users"] = data.get("users", [])[: fault.size or 50]
    data["should_limit_list_of_followers"] = True
    _end(data)


def _loop(data: dict[str, Any], request: Request, _fault: Fault) -> None:
    data["next_max_id"] = request.query.get("max_id") or data.get("next_max_id")


def _walk(data: Any, name: str, replace: Callable[[dict[str, Any], str], None]) -> None:
    if isinstance(data, dict):
        if name in data:
            replace(data, name)
        for value in data.values():
            _walk(value, name, replace)
    elif isinstance(data, list):
        for value in data:
            _walk(value, name, replace)


def _missing(data: dict[str, Any], _request: Request, fault: Fault) -> None:
    _walk(data, fault.field_name, lambda holder, name: holder.pop(name))


def _null(data: dict[str, Any], _request: Request, fault: Fault) -> None:
    _walk(data, fault.field_name, lambda holder, name: holder.update({name: None}))


def _truncate(response: Response, _request: Request, _fault: Fault) -> Response:
    response.claimed_length = len(response.body)
    response.body = response.body[: len(response.body) // 2]
    return response


def _cut_json(response: Response, _request: Request, _fault: Fault) -> Response:
    response.body = response.body[: len(response.body) // 2]
    return response


def _discard(_response: Response, _request: Request, _fault: Fault) -> Response:
    return Response(is_reset=True)


CHANGES: dict[str, Callable[[Response, Request, Fault], Response]] = {
    "limited": _edit(_limit),
    "early_end": _edit(_end),
    "empty_page": _edit(_empty),
    "looping_cursor": _edit(_loop),
    "missing_field": _edit(_missing),
    "null_field": _edit(_null),
    "truncated": _truncate,
    "cut_json": _cut_json,
    "reset_after": _discard,
}
"""Kinds that spoil the true answer; what was asked for has been done (`reset_after`: a write whose answer is lost)."""

TIMED = ("hang", "slow", "hang_after")
PAGED = ("short_pages", "duplicates")
KINDS = (*ANSWERS, *CHANGES, *TIMED, *PAGED)


@dataclass(slots=True)
class Faults:
    """The faults in force, in the order in which they were asked for. Several may strike one request; of those that
    answer instead of the service only the first does, and the others are spared for later."""

    faults: list[Fault] = field(default_factory=list)
    last_id: int = 0
    last_rows: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, spec: dict[str, Any]) -> Fault:
        kind = str(spec.get("kind", ""))
        if kind not in KINDS:
            raise FaultError(f"No fault {kind!r}. There are: {', '.join(KINDS)}.")
        known = {name for name in Fault.__slots__ if name not in {"id", "hits", "seen"}}
        unknown = set(spec) - known
        if unknown or "path" not in spec:
            raise FaultError(f"A fault needs path and kind, and may have {', '.join(sorted(known))}; not {unknown}.")
        self.last_id += 1
        fault = Fault(id=self.last_id, **spec)
        re.compile(fault.path)
        self.faults.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        self.faults = [] if fault_id is None else [fault for fault in self.faults if fault.id != fault_id]
        self.last_rows.clear()

    def strike(self, request: Request, login_names: set[str]) -> list[Fault]:
        """The faults that strike this request."""
        if not self.faults:
            return []
        query = request.target.partition("?")[2]
        where = f"{request.host}{request.path}?{query}"
        struck = [fault for fault in self.faults if fault.strikes(where, login_names)]
        final = next((fault for fault in struck if fault.kind in ANSWERS or fault.kind == "hang"), None)
        if final is not None:
            struck = [fault for fault in struck if fault.kind == "slow"] + [final]
        for fault in struck:
            fault.hits += 1
        return struck

    async def before(self, fault: Fault, request: Request) -> Response | None:
        """What the fault answers instead of the service, or None when the service is to answer."""
        if fault.kind in ANSWERS:
            return ANSWERS[fault.kind](fault)
        if fault.kind == "hang":
            await asyncio.sleep(3600)
            return Response(is_reset=True)
        if fault.kind == "slow":
            await asyncio.sleep(fault.ms / 1000)
        if fault.kind == "short_pages":
            request.page_limit = fault.size or 73
        return None

    async def after(self, fault: Fault, request: Request, response: Response) -> Response:
        """What becomes of the service's answer."""
        if fault.kind in CHANGES:
            return CHANGES[fault.kind](response, request, fault)
        if fault.kind == "hang_after":
            await asyncio.sleep(3600)
            return Response(is_reset=True)
        if fault.kind == "duplicates":
            return _edit(self._duplicate)(response, request, fault)
        return response

    def _duplicate(self, data: dict[str, Any], request: Request, fault: Fault) -> None:
        """Some rows of the page before come once more."""
        rows = data.get("users", [])
        before = self.last_rows.get(request.path, rows[:1])
        self.last_rows[request.path] = rows[-(fault.size or 7) :]
        data["users"] = before + rows
