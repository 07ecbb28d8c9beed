"""Each source opened by its door, with the real client, against the simulator or a bare server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from accounts.gateway.abilities import Ability
from accounts.gateway.protocol import Pacing, RequestKind
from accounts.gateway.providers import (
    open_apify,
    open_meta_graph,
    open_private,
    open_tikhub,
    open_web_public,
)
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.runs import Run, RunKind, RunOrder, RunState
from igsite.secrets import Secret
from tests.gateway.sessions import TOKEN

APIFY_KEY, TIKHUB_KEY, GRAPH_TOKEN = "apify_api_demo", "tikhub-demo", "EAAdemo"
OWN_ID = 17841400000000001
SECRETS = (TOKEN, APIFY_KEY, TIKHUB_KEY, GRAPH_TOKEN)
#: A run that nobody ordered: for servers that answer what a test says.
FINISHED = Run("r1", RunState.SUCCEEDED, datetime(2026, 11, 20, tzinfo=UTC), "d1", "k1")


@dataclass
class Ledger:
    """What pacing is told."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def record(self, *, kind: RequestKind, endpoint: str, outcome: str) -> None:
        self.lines.append((kind, endpoint, outcome))


@dataclass(frozen=True)
class Door:
    """How a test gets at one source. ``door`` takes the ways that all have in common, and the session of a login;
    ``path`` is where the service lives below the address of the simulator, or of a bare server."""

    name: str
    door: Callable[..., Any]
    path: str = ""

    @contextmanager
    def open(
        self,
        base_url: str,
        *,
        settings: dict[str, Any] | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> Iterator[Any]:
        """Something that speaks ``ReadGateway``, closed on leaving."""
        session = {"settings": settings or {}} if self.name == "instagrapi_private" else {}
        opened = self.door(**session, base_url=base_url + self.path, proxy=proxy, pacing=pacing)
        with closing(opened) as gateway:
            yield gateway


DOORS = {
    door.name: door
    for door in (
        Door("instagrapi_private", open_private),
        Door("web_public", open_web_public),
        Door("apify", partial(open_apify, Secret(APIFY_KEY)), "/apify"),
        Door("tikhub", partial(open_tikhub, Secret(TIKHUB_KEY)), "/tikhub"),
        Door("meta_graph", partial(open_meta_graph, Secret(GRAPH_TOKEN), own_user_id=OWN_ID), "/meta_graph"),
    )
}

_KINDS = {
    Ability.PROFILE_BY_USERNAME: RunKind.PROFILES,
    Ability.FOLLOWERS: RunKind.FOLLOWERS,
    Ability.FOLLOWING: RunKind.FOLLOWING,
    Ability.POSTS: RunKind.POSTS,
    Ability.COMMENTS: RunKind.COMMENTS,
}


def reader(gateway: Any, ability: Ability, target: str) -> Any:
    """What reads ``ability`` of ``target``: the gateway itself, or the rows of a run ordered and finished for it."""
    if gateway.source != "apify":
        return gateway
    run = gateway.start_run(RunOrder(_KINDS[ability], (target,)))
    return gateway.reading(gateway.look(run.id))


def raw_reader(gateway: Any) -> Any:
    """The same against a bare server, which knows nothing of runs: one request a call."""
    return gateway.reading(FINISHED) if gateway.source == "apify" else gateway
