"""TikHub: single profiles and posts for a tenth of a cent each, by httpx.

Its versions of an endpoint are different ways to Instagram behind the same price, and a refusal costs nothing. So this
source may send up to three requests a call: the next version is asked when one fails or does not know the target. A key
that is refused, an empty account or "slow down" ends the call at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

from accounts.gateway import errors
from accounts.gateway.evidence import Evidence
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers import tikhub_rows as as_result
from accounts.gateway.providers.data_service import DataService
from accounts.gateway.providers.json_fields import part
from accounts.gateway.providers.post_codes import pk_of_code
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.results import Post, Profile
from accounts.gateway.runs import KeyOwner
from igsite.secrets import Secret
from igsite.text import clean_text, clean_username

_API: Final = "/api/v1/"
_PROFILES: Final = "instagram/v1/fetch_user_info_by_username"
#: Which failure is told when the versions fail in different ways.
_RANKS: Final[list[type[errors.GatewayError]]] = [errors.Transient, errors.ContractDrift, errors.Gone]
Result = TypeVar("Result")
Try = tuple[str, dict[str, str], Callable[[dict[str, Any]], Result]]


class TikHub(DataService):
    """``ReadGateway`` for profiles by name and posts by code. Counts that are absent are None, never 0."""

    source = "tikhub"
    label = "TikHub"
    origin = "https://api.tikhub.io"
    cannot = "TikHub is asked for single profiles and posts only."

    def __init__(
        self,
        key: Secret,
        *,
        base_url: str | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {key.reveal()}"}
        super().__init__(base_url=base_url, proxy=proxy, pacing=pacing, headers=headers)

    def check_key(self) -> KeyOwner:
        """The owner of the key, and what is left of the balance. Costs nothing."""

        def owner(answer: dict[str, Any]) -> KeyOwner:
            user = part(answer, "user_data")
            parts = [user[name] for name in ("balance", "free_credit") if user.get(name) is not None]
            dollars = sum((Decimal(str(amount)) for amount in parts), Decimal(0)) if parts else None
            return KeyOwner(clean_text(user.get("email"), limit=200), dollars)

        return self._get(f"{_API}tikhub/user/get_user_info", {}, owner)

    def profile_by_username(self, username: str) -> Profile:
        """A profile with its counts. ``Gone`` only if no version knows it."""
        asked_for = {"username": clean_username(username)}
        return self._first(
            [
                (_PROFILES, asked_for, as_result.web_profile),
                (f"{_PROFILES}_v2", asked_for, as_result.app_profile),
                (f"{_PROFILES}_v3", asked_for, as_result.flat_profile),
            ]
        )

    def post(self, code: str) -> Post:
        """A post and its counts by its short code; its number is computed from the code."""
        pk = pk_of_code(code)
        by_code, by_address = {"code_or_url": code}, {"post_url": f"https://www.instagram.com/p/{code}/"}
        return self._first(
            [
                ("instagram/v2/fetch_post_info", by_code, lambda answer: as_result.app_post(answer, pk, code)),
                ("instagram/v1/fetch_post_by_url", by_address, lambda answer: as_result.web_post(answer, pk, code)),
            ]
        )

    def _first(self, tries: Sequence[Try[Result]]) -> Result:
        """The first version that answers. When none does, the target is gone only if all say so: a version that is
        down, or broken, knows nothing."""
        told: list[errors.GatewayError] = []
        for path, params, into in tries:
            try:
                return self._get(_API + path, params, into)
            except errors.ProxyUnreachable:
                raise
            except (errors.Gone, errors.Transient, errors.ContractDrift) as failure:
                told.append(failure)
        raise min(told, key=lambda failure: _RANKS.index(type(failure)))

    def _refusal(self, seen: Evidence) -> errors.GatewayError:
        if seen.status in (400, 404) and isinstance(seen.body.get("detail"), dict):
            return errors.Gone("TikHub knows no such account or post.")
        return super()._refusal(seen)
