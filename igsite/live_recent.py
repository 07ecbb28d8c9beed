"""What was hinted lately: a page that was made before its socket stood hears what it missed meanwhile, and no more.

Without it every live part of every page would read itself once more as soon as the page is connected.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase

KEPT_SECONDS: Final = 60.0
KEPT_HINTS: Final = 5_000
#: By how much the clocks of the processes that make pages and hold sockets may differ.
CLOCKS_DIFFER: Final = 2.0


class RecentHints:
    """The hints of the last minute, of all groups, as this process heard them; times are seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._hints: deque[tuple[float, str, str]] = deque()
        self._whole_since = math.inf

    def begin(self) -> None:
        """From now on every hint is heard."""
        self._hints.clear()
        self._whole_since = self._clock()

    def stop(self) -> None:
        """From now on hints may be lost."""
        self._whole_since = math.inf

    def add(self, group: str, topic: str) -> None:
        """Keep a hint, and forget what is too old or too much."""
        now = self._clock()
        self._hints.append((now, group, topic))
        while len(self._hints) > KEPT_HINTS or self._hints[0][0] < now - KEPT_SECONDS:
            self._whole_since = self._hints.popleft()[0]

    def missed(self, group: str, made_at: float) -> list[str] | None:
        """The topics hinted to ``group`` since a page was begun; None where that is not known."""
        if not self._whole_since + CLOCKS_DIFFER <= made_at <= self._clock():
            return None
        since = made_at - CLOCKS_DIFFER
        return list(dict.fromkeys(topic for at, to, topic in self._hints if to == group and at >= since))


class PageBegun:
    """Notes when a page was begun, before anything was read for it: ``request.begun_at``, milliseconds since 1970."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; see the class."""
        request.begun_at = int(time.time() * 1000)  # type: ignore[attr-defined]
        return self.get_response(request)
