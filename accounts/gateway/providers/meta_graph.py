"""Meta's Graph API, the official way: business and creator accounts, seen from a professional account of one's own.

No lists of followers. The token is a parameter of the address, so it is added below everything that writes logs, and no
address is ever put into an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeVar

from accounts.gateway import errors
from accounts.gateway.evidence import Evidence
from accounts.gateway.protocol import Pacing
from accounts.gateway.providers import meta_graph_rows as as_result
from accounts.gateway.providers.data_service import DataService
from accounts.gateway.providers.json_fields import Json, part
from accounts.gateway.proxy import ProxyAddress
from accounts.gateway.results import PostPage, Profile
from accounts.gateway.runs import KeyOwner
from igsite.secrets import Secret
from igsite.text import clean_username

API_VERSION: Final = "v25.0"
PAGE_SIZE: Final = 50
_PROFILE: Final = "username,name,biography,website,ig_id,followers_count,follows_count,media_count,profile_picture_url"
_MEDIA: Final = "id,caption,like_count,comments_count,media_type,media_product_type,permalink,timestamp"
#: What stands inside a formula of fields: nothing else may get there.
_NAME: Final = re.compile(r"[a-z0-9._]{1,64}", re.ASCII)
_CURSOR: Final = re.compile(r"[A-Za-z0-9_=-]{1,500}", re.ASCII)
_TOO_FAST: Final = {4, 17, 32, 613, 80002}
_NO_ACCESS: Final = {10, 102, 190, *range(200, 300)}
_NOT_SHOWN: Final = (
    "Meta shows business and creator accounts only. This one is personal, or there is none of that name: another source"
    " can tell."
)

Result = TypeVar("Result")


class MetaGraph(DataService):
    """``ReadGateway`` and ``ReadsByUsername``: profiles and posts of professional accounts, by name."""

    source = "meta_graph"
    label = "Meta"
    origin = "https://graph.facebook.com"
    cannot = "Meta’s Graph API shows profiles and posts of professional accounts by name, and nothing else."

    def __init__(
        self,
        key: Secret,
        own_user_id: int,
        *,
        base_url: str | None = None,
        proxy: ProxyAddress | None = None,
        pacing: Pacing | None = None,
    ) -> None:
        super().__init__(base_url=base_url, proxy=proxy, pacing=pacing, signed_with={"access_token": key})
        self._path = f"/{API_VERSION}/{int(own_user_id)}"

    def check_key(self) -> KeyOwner:
        """The account that the token looks from."""
        return self._get(
            self._path, {"fields": "username"}, lambda answer: KeyOwner(clean_username(answer["username"]))
        )

    def profile_by_username(self, username: str) -> Profile:
        """A profile with its counts. ``Unsupported`` for one that Meta does not show: that says nothing about it."""
        return self._discover(username, _PROFILE, as_result.profile)

    def posts_by_username(self, username: str, cursor: str | None = None) -> PostPage:
        """One page of posts, newest first."""
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise errors.ContractDrift(detail="a cursor that is none")
        after = f".after({cursor})" if cursor else ""
        return self._discover(username, f"ig_id,media.limit({PAGE_SIZE}){after}{{{_MEDIA}}}", as_result.post_page)

    @property
    def used_percent(self) -> int | None:
        """How much of the hour's allowance is used up by the latest answer; None if it did not say."""
        answer = self._exchange.last_answer
        shares = [] if answer is None else _shares(answer.headers.get("x-app-usage"))
        shares += [] if answer is None else _shares(answer.headers.get("x-business-use-case-usage"))
        return max(shares, default=None)

    def _discover(self, username: str, fields: str, into: Callable[[Json], Result]) -> Result:
        name = clean_username(username)
        if not _NAME.fullmatch(name):
            raise errors.Gone
        params = {"fields": f"business_discovery.username({name}){{{fields}}}"}
        return self._get(self._path, params, lambda answer: into(part(answer, "business_discovery")))

    def _refusal(self, seen: Evidence) -> errors.GatewayError:
        refused = seen.body.get("error")
        code = refused.get("code") if isinstance(refused, dict) else None
        if not isinstance(refused, dict) or type(code) is not int:
            return super()._refusal(seen)
        if code in _TOO_FAST:
            return self._throttled(seen.retry_after or self._regain())
        if code in _NO_ACCESS:
            return errors.NeedsKey("Meta refused the token: it has expired, or lacks a permission. Make a new one.")
        if code == 110:
            return errors.Unsupported(_NOT_SHOWN)
        if code in (1, 2) or refused.get("is_transient") is True:
            return errors.Transient()
        return errors.ContractDrift()

    def _regain(self) -> timedelta | None:
        """When Meta says that it will answer again; it counts in minutes."""
        answer = self._exchange.last_answer
        minutes = (
            []
            if answer is None
            else _numbers(answer.headers.get("x-business-use-case-usage"), ("estimated_time_to_regain_access",))
        )
        longest = max(minutes, default=0)
        return timedelta(minutes=min(longest, 7 * 24 * 60)) if longest > 0 else None


def _shares(header: str | None) -> list[int]:
    return _numbers(header, ("call_count", "total_time", "total_cputime"))


def _numbers(header: str | None, names: tuple[str, ...]) -> list[int]:
    """The whole numbers called so, however deep in the header's JSON; none if it is not JSON."""
    found: list[int] = []

    def walk(value: object, depth: int) -> None:
        if isinstance(value, dict) and depth:
            found.extend(value[name] for name in names if type(value.get(name)) is int)
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for each in inner if depth else ():
            walk(each, depth - 1)

    try:
        walk(json.loads(header or "null"), 4)
    except (ValueError, RecursionError):
        return []
    return found
