"""The verdict on a kill loop, from the log of the server that was acted on: pure computation, none of our own rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

HOUR: Final = 3600.0
DAY: Final = 86_400.0
#: Paths of requests that change something at Instagram.
VERBS: Final = {
    ("friendships", "create"), ("friendships", "destroy"), ("friendships", "remove_follower"), ("media", "like"),
    ("media", "unlike"), ("media", "comment"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Write:
    """One request that reached the server, whatever it answered. Times are seconds since 1970."""

    login: str
    verb: str
    target: str
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the log shows; ``fullest_hour`` by login and sort. ``faults`` is empty when everything held."""

    writes: int
    targets: int
    fullest_hour: dict[str, int] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def writes_in(log: Iterable[Mapping[str, Any]]) -> list[Write]:
    """The writes among the entries of a request log."""
    found = []
    for entry in log:
        what = _what(str(entry["path"])) if entry["method"] == "POST" else None
        if what is not None:
            ended = float(entry["at"])
            found.append(Write(str(entry["login"]), *what, ended - float(entry["ms"]) / 1000, ended))
    return found


def _what(path: str) -> tuple[str, str] | None:
    parts = path.strip("/").split("/")
    for first, second, third in zip(parts, parts[1:], parts[2:], strict=False):
        if (first, second) in VERBS:  # friendships/create/<pk>
            return second, third
        if (first, third) in VERBS:  # media/<id>/like
            return third, second
    return None


#: What a write counts as in a budget: that of people's ties, unless it is named here.
SORTS: Final = {"like": "likes", "unlike": "likes", "comment": "comments"}
TIES: Final = "ties"


def judge(writes: Sequence[Write], limits: Mapping[tuple[str, str], tuple[int, int]]) -> Verdict:
    """``limits``: of each login and sort of writes (:data:`SORTS`), how many an hour and a day may hold."""
    times = Counter((write.login, write.verb, write.target) for write in writes)
    faults = [f"{who} hit {what} {count} times" for (who, *what), count in times.items() if count > 1]
    by_login: dict[str, list[Write]] = defaultdict(list)
    for write in sorted(writes, key=lambda write: write.began):
        by_login[write.login].append(write)
    fullest = {}
    for login, mine in by_login.items():
        for sort in sorted({SORTS.get(write.verb, TIES) for write in mine}):
            per_hour, per_day = limits[login, sort]
            began = [write.began for write in mine if SORTS.get(write.verb, TIES) == sort]
            hour, day = most_in(began, HOUR), most_in(began, DAY)
            fullest[f"{login} {sort}"] = hour
            if hour > per_hour:
                faults.append(f"{login} sent {hour} {sort} in an hour, where {per_hour} are allowed")
            if day > per_day:
                faults.append(f"{login} sent {day} {sort} in a day, where {per_day} are allowed")
        faults += [
            f"{login} wrote twice at once: {first.target} and {second.target}"
            for first, second in pairwise(mine)
            if second.began < first.ended
        ]
    return Verdict(len(writes), len(times), fullest, tuple(faults))


def most_in(times: Sequence[float], window: float) -> int:
    """The most of ``times`` (ascending) that lie in any window of so many seconds."""
    first = most = 0
    for last, time in enumerate(times):
        while times[first] <= time - window:
            first += 1
        most = max(most, last - first + 1)
    return most
