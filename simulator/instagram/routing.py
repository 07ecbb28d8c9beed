"""Which function answers which path of the private API."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.sessions import Session
from simulator.stage import Stage
from simulator.wire import Request, Response


@dataclass(slots=True)
class Call:
    """One request to the private API, with what its handler needs. `parts` are the variable parts of the path."""

    stage: Stage
    request: Request
    parts: tuple[str, ...]
    session: Session | None

    @property
    def me(self) -> Session:
        """The session; only handlers of routes that need a login ask for it."""
        assert self.session is not None  # noqa: S101 — the router has checked
        return self.session


Answer = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    answer: Answer
    is_open: bool


class Router:
    """Routes by the first part of the path; `<pk>` stands for digits, `<name>` for anything without a slash."""

    def __init__(self) -> None:
        self.routes: dict[str, list[Route]] = {}

    def on(self, method: str, path: str, *, is_open: bool = False) -> Callable[[Answer], Answer]:
        """Register a handler; `is_open` routes need no login."""
        pattern = re.escape(path).replace("<pk>", r"(\d+)").replace("<id>", r"([\d_]+)").replace("<name>", "([^/]+)")
        route_key = path.split("/", 1)[0]

        def register(answer: Answer) -> Answer:
            self.routes.setdefault(route_key, []).append(Route(method, re.compile(pattern), answer, is_open))
            return answer

        return register

    def find(self, method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
        for route in self.routes.get(path.split("/", 1)[0], ()):
            found = route.pattern.fullmatch(path)
            if found is not None and route.method in (method, "ANY"):
                return route, found.groups()
        return None


private_api = Router()
"""Everything below https://i.instagram.com/api/v1/."""
