"""Apify: actors that read Instagram for money, by the real ``apify-client`` without its retries, waits and logs.

Each call is one request. A run is started by one POST that is never repeated, since each is paid; whoever orders saves
the id before anything else (:mod:`accounts.gateway.runs`). The library would start again on 429 and 5xx, swallow a 404
and wait for minutes in ``call()``: none of that is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import httpx
from apify_client import ApifyClient
from apify_client.http_clients import HttpClient

from accounts.gateway import errors
from accounts.gateway.evidence import Evidence
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers.apify_rows import FIELDS, Rows
from accounts.gateway.providers.apify_rows import input_of as apify_input
from accounts.gateway.providers.data_service import DataService
from accounts.gateway.providers.exchange import Exchange
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.runs import KeyOwner, Run, RunKind, RunOrder, RunState
from igsite.secrets import Secret
from igsite.text import clean_text

#: Which actor collects what, unless the operator names another one of the same input and output.
ACTORS: Final[Mapping[RunKind, str]] = MappingProxyType(
    {
        RunKind.PROFILES: "apify/instagram-profile-scraper",
        RunKind.FOLLOWERS: "scraping_solutions/instagram-scraper-followers-following-no-cookies",
        RunKind.FOLLOWING: "scraping_solutions/instagram-scraper-followers-following-no-cookies",
        RunKind.POSTS: "apify/instagram-post-scraper",
        RunKind.COMMENTS: "apify/instagram-comment-scraper",
    }
)
PAGE_SIZE: Final = 1_000
_RECENT: Final = 50
_STATES: Final = {
    "READY": RunState.WAITING,
    "RUNNING": RunState.RUNNING,
    "TIMING-OUT": RunState.RUNNING,
    "ABORTING": RunState.RUNNING,
    "SUCCEEDED": RunState.SUCCEEDED,
    "FAILED": RunState.FAILED,
    "ABORTED": RunState.ABORTED,
    "TIMED-OUT": RunState.TIMED_OUT,
}
#: Said with 402, though nothing is wrong with the money: other runs of the account have to end first.
_NO_ROOM: Final = ("actor-memory-limit-exceeded", "concurrent-runs-limit-exceeded")
_FORGOTTEN: Final = "Apify does not know this run any more."
_ENDED: Final = {
    RunState.FAILED: "The run at Apify failed. Nothing was taken from it.",
    RunState.ABORTED: "The run at Apify was ended before it was done. Nothing was taken from it.",
    RunState.TIMED_OUT: "The run at Apify took longer than it may. Nothing was taken from it.",
}


class Apify(DataService):
    """``RunGateway``: its ``ReadGateway`` calls raise ``Unsupported``, those of ``reading(run)`` bring the rows."""

    source = "apify"
    label = "Apify"
    origin = "https://api.apify.com"
    cannot = "Apify works in runs: one is started first, and read when it is done."

    def __init__(
        self,
        key: Secret,
        *,
        base_url: str | None = None,
        actors: Mapping[RunKind, str] | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        super().__init__(base_url=base_url, proxy=proxy, pacing=pacing)
        self._actors = {**ACTORS, **(actors or {})}
        self._client = ApifyClient.with_custom_http_client(
            key.reveal(), api_url=self._base, http_client=_Transport(self._exchange)
        )

    def check_key(self) -> KeyOwner:
        """The owner of the key. Apify tells no balance here."""
        user = self._ask("users/me", lambda: self._client.user().get())
        if user is None:
            raise errors.NeedsKey("Apify refused the key. Check it, or replace it with a new one.")
        return KeyOwner(clean_text(user.username, limit=100))

    def start_run(self, order: RunOrder) -> Run:
        """Orders and pays. Exactly one POST; save the id of what comes back before anything else."""
        actor = self._client.actor(self._actors[order.kind])
        return self._ask(
            "actors/*/runs",
            lambda: _as_run(
                actor.start(
                    run_input=apify_input(order),
                    max_items=order.most_results,
                    max_total_charge_usd=order.most_dollars,
                )
            ),
        )

    def look(self, run_id: str) -> Run:
        """How the run is doing now."""

        def call() -> Run:
            found = self._client.run(run_id).get()
            if found is None:
                raise errors.RunFailed(_FORGOTTEN)
            return _as_run(found)

        return self._ask("actor-runs/*", call)

    def abort(self, run_id: str) -> Run:
        """Ends a run; one that is over stays as it is."""
        return self._ask("actor-runs/*/abort", lambda: _as_run(self._client.run(run_id).abort()))

    def recent_runs(self, kind: RunKind) -> Sequence[Run]:
        """The latest fifty runs of the actor for ``kind``, newest first. Followers and following share an actor."""
        runs = self._client.actor(self._actors[kind]).runs()
        return self._ask(
            "actors/*/runs", lambda: tuple(_as_run(run) for run in runs.list(limit=_RECENT, desc=True).items)
        )

    def was_ordered_by(self, run: Run, order: RunOrder) -> bool:
        """Whether ``run`` was started with exactly this order."""
        store = self._client.key_value_store(run.input_id)
        record = self._ask("key-value-stores/*/records/*", lambda: store.get_record("INPUT"))
        return record is not None and record.get("value") == apify_input(order)

    def reading(self, run: Run) -> Rows:
        """The rows of a run that succeeded."""
        if run.state != RunState.SUCCEEDED:
            raise errors.RunFailed(_ENDED.get(run.state, "The run at Apify is not done yet."))
        return Rows(self, run)

    def rows_page(self, run: Run, offset: int) -> tuple[list[dict[str, Any]], int]:
        """Up to a thousand raw rows of a run from ``offset`` on, and how many it has in all."""
        dataset = self._client.dataset(run.results_id)

        def call() -> tuple[list[dict[str, Any]], int]:
            page = dataset.list_items(offset=offset, limit=PAGE_SIZE, fields=list(FIELDS))
            if not all(isinstance(row, dict) for row in page.items) or page.offset != offset:
                raise TypeError("rows that are no objects, or those of another page")
            return page.items, page.total

        return self._ask("datasets/*/items", call)

    def _refusal(self, seen: Evidence) -> errors.GatewayError:
        refused = seen.body.get("error")
        kind = str(refused.get("type") or "") if isinstance(refused, dict) else ""
        if kind in _NO_ROOM:
            return errors.Throttled("Apify has no room for another run now. The work goes on by itself after a pause.")
        if seen.status == 403 and "rent" in kind:
            return errors.NeedsKey("Apify lets this key not run that actor. Rent the actor, or choose another source.")
        if seen.status == 403 and ("usage" in kind or "limit" in kind):
            return errors.OutOfCredit("The account at Apify has used up its limit for this month.")
        if seen.status == 404 and seen.is_json:
            if "actor" in kind and "run" not in kind:
                return errors.Unsupported("Apify knows no such actor. Check its name in the settings.")
            return errors.RunFailed(_FORGOTTEN)
        return super()._refusal(seen)


class _Transport(HttpClient):
    """Carries the library's requests, each once."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(max_retries=0)
        self._exchange = exchange

    def send_request(
        self,
        *,
        method: str,
        url: str,
        headers: dict[str, str],
        content: Any,
        timeout: float | None,  # noqa: ARG002
        stream: bool,  # noqa: ARG002
    ) -> Any:
        """One request. The time-out is that of all sources, whatever the library would allow."""
        path = url.partition("?")[0].partition("/v2/")[2]
        endpoint = re.sub(r"(?<=(?:ctors|-runs|asets|tores)/)[^/]+|(?<=records/)[^/]+", "*", path)
        answer = self._exchange.send(method, url, headers=headers, content=content, endpoint=endpoint)
        kept = [
            (name, value)
            for name, value in answer.headers.items()
            if name not in ("content-encoding", "content-length")
        ]
        return httpx.Response(answer.status_code, headers=kept, content=answer.content)


def _as_run(run: Any) -> Run:
    dollars = getattr(run, "usage_total_usd", None)
    options = getattr(run, "options", None)
    return Run(
        id=run.id,
        state=_STATES[run.status],
        started_at=run.started_at,
        finished_at=run.finished_at,
        results_id=run.default_dataset_id,
        input_id=run.default_key_value_store_id,
        most_results=getattr(options, "max_items", None),
        dollars=None if dollars is None else Decimal(str(dollars)),
        message=clean_text(getattr(run, "status_message", None), limit=300),
    )
