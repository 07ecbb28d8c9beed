"""Every route of the site, as the resolver knows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")


@dataclass(frozen=True)
class Route:
    """One address: its path with ``<parameters>`` and the view behind it."""

    path: str
    view: Callable[..., Any]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of what must be filled in."""
        return tuple(PARAMETER.findall(self.path))

    @property
    def area(self) -> str:
        """``api``, ``admin``, ``auth`` … : the first part of the path."""
        return self.path.split("/", 1)[0]

    def __str__(self) -> str:
        return f"/{self.path}"


def every_route() -> list[Route]:
    """All routes, each path once, in the resolver's order."""
    return list({route.path: route for route in _walk(get_resolver(), "")}.values())


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = prefix + _text(entry)
        if isinstance(entry, URLPattern):
            yield Route(path, entry.callback)
        else:
            yield from _walk(entry, path)


def _text(entry: URLPattern | URLResolver) -> str:
    text = str(entry.pattern)
    if isinstance(entry.pattern, RegexPattern):
        text = GROUP.sub(r"<\1>", text).removeprefix("^").removesuffix("$").replace("\\Z", "")
        assert not set(text) & set("()[]*+?"), text
    return text
