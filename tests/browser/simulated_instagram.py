"""What a person cannot see: the truth of the simulated Instagram that the live site reads, over its control API."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SimulatedInstagram:
    """The simulator of a running site."""

    base_url: str

    def ask(self, path: str, body: object = None, /, *, method: str | None = None, **query: object) -> Any:
        """``/_control/<path>``: a POST if there is a body, unless ``method`` says otherwise."""
        address = f"{self.base_url}/_control/{path}?{urllib.parse.urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(address, data=data, method=method)  # noqa: S310 - our own
        with opener.open(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def now(self) -> str:
        """The simulated time."""
        return str(self.ask("clock")["now"])

    def pass_days(self, days: int) -> None:
        """Let people come, leave, return and change their names."""
        self.ask("clock", {"advance_days": days})

    def fault(self, path: str, kind: str, **more: object) -> None:
        """From now on requests whose address contains ``path`` meet this fault (docs/simulator.md)."""
        self.ask("faults", {"path": path, "kind": kind, **more})

    def mend(self) -> None:
        """No more faults."""
        self.ask("faults", method="DELETE")

    def log(self, path: str) -> list[dict[str, Any]]:
        """The requests it got whose path contains ``path``, oldest first."""
        return list(self.ask("log", path=path, limit=50_000)["entries"])

    def pk(self, account: str) -> int:
        """The number of an account."""
        return int(self.ask("truth/person", account=account)["pk"])

    def followers(self, account: str) -> list[int]:
        """Everybody who follows the account now."""
        return sorted(self.ask("truth", account=account, direction="followers")["pks"])

    def differences(self, account: str, *, since: str, seen: str = "") -> dict[str, list[int]]:
        """New, lost, returned and renamed followers from ``since`` to now, for somebody who also looked at ``seen``."""
        found = self.ask("truth/diff", account=account, direction="followers", **{"from": since, "before": seen})
        return {kind: [_pk(one) for one in found[kind]] for kind in ("new", "lost", "returned", "renamed")}

    def names(self, pks: list[int], *, at: str = "now") -> set[str]:
        """What these people are called, or were at a time."""
        return {str(self.ask("truth/person", account=pk, at=at)["username"]) for pk in pks}


def _pk(entry: object) -> int:
    return int(entry["pk"]) if isinstance(entry, dict) else int(str(entry))
