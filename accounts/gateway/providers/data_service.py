"""What the data services have in common: a key, one address, refusals by status, their own names in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeVar

from accounts.gateway import errors
from accounts.gateway.classify import asked
from accounts.gateway.evidence import Evidence, gather
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers.exchange import Exchange, RefusedError
from accounts.gateway.providers.limited import LimitedGateway
from accounts.gateway.providers.routing import checked_base_url
from accounts.gateway.proxy import ProxyAddress
from igsite.secrets import Secret

Result = TypeVar("Result")


class DataService(LimitedGateway):
    """A service that is paid or official, and reached over HTTP with a key.

    ``base_url`` is where the service itself is; None is the real one (``origin``).
    """

    label: ClassVar[str]
    origin: ClassVar[str]

    def __init__(
        self,
        *,
        base_url: str | None,
        proxy: ProxyAddress | None,
        pacing: Pacing | None,
        headers: Mapping[str, str] | None = None,
        signed_with: Mapping[str, Secret] | None = None,
    ) -> None:
        self._base = checked_base_url(base_url or self.origin)
        self._exchange = Exchange(proxy=proxy, pacing=pacing, headers=headers, signed_with=signed_with)

    def close(self) -> None:
        """Closes the connections."""
        self._exchange.close()

    def _get(self, path: str, params: Mapping[str, str], into: Callable[[dict[str, Any]], Result]) -> Result:
        """One GET whose answer is a JSON object."""

        def call() -> Result:
            answer = self._exchange.send("GET", self._base + path, params=params, endpoint=path.strip("/"))
            if not answer.is_success:
                raise RefusedError
            return into(answer.json_object())

        return self._ask(path.strip("/"), call)

    def _ask(self, endpoint: str, call: Callable[[], Result]) -> Result:
        """What ``call`` returns; every refusal of the service becomes an error of the tree, in the service's name."""
        exchange = self._exchange

        def work() -> Result:
            try:
                return call()
            except Exception as failure:
                answer = exchange.last_answer
                if isinstance(failure, errors.GatewayError) or answer is None or answer.is_success:
                    raise
                refusal = self._refusal(gather(RefusedError(), answer))
                refusal.detail = f"{endpoint} {answer.status_code}"
            raise refusal

        try:
            return asked(work, seen=lambda: exchange.last_answer, endpoint=endpoint, by_proxy=exchange.has_proxy)
        except errors.Transient as failure:
            if type(failure) is not errors.Transient:
                raise
            told = failure.detail
        raise errors.Transient(
            f"{self.label} could not be reached. The work is tried again by itself.", detail=told
        ) from None

    def _refusal(self, seen: Evidence) -> errors.GatewayError:
        """What a status means; a service adds its own. A page instead of JSON says nothing about the key."""
        status = seen.status or 0
        if status == 429:
            return self._throttled(seen.retry_after)
        if status == 408 or status >= 500:
            return errors.Transient()
        if not seen.is_json:
            return errors.ContractDrift()
        if status in (401, 403):
            return errors.NeedsKey(f"{self.label} refused the key. Check it, or replace it with a new one.")
        if status == 402:
            return errors.OutOfCredit(
                f"The account at {self.label} has no credit left. Top it up, or let another source read."
            )
        return errors.ContractDrift()

    def _throttled(self, retry_after: timedelta | None) -> errors.Throttled:
        return errors.Throttled(
            f"{self.label} asks to slow down. The work goes on by itself after a pause.", retry_after=retry_after
        )
