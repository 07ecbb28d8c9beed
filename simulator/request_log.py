"""The log of every request: bounded in memory, optionally appended to a file."""

import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

from simulator.clock import Moment
from simulator.wire import Request, Response

KEPT = 50_000
SECRET_PARAMETERS = ("access_token", "token")
SHOWN_FIELDS = ("user_ids", "choice", "comment_text", "media_id", "user_id")


class RequestLog:
    """Entries are numbered from 1; `dropped` tells how many old ones memory no longer holds."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.total = 0
        self.cleared = 0
        self._file = path.open("a", encoding="utf-8") if path is not None else None

    @property
    def dropped(self) -> int:
        return self.total - self.cleared - len(self.entries)

    def add(
        self, request: Request, response: Response, moment: Moment, *, login: str | None, fault: str | None, ms: float
    ) -> None:
        """Passwords, codes and tokens are never written: only the fields that say what was asked for."""
        self.total += 1
        entry: dict[str, Any] = {
            "id": self.total,
            "at": time.time(),
            "sim_at": moment.epoch,
            "method": request.method,
            "host": request.host,
            "path": request.path,
            "query": {name: value for name, value in request.query.items() if name not in SECRET_PARAMETERS},
            "login_pk": request.login_pk,
            "login": login,
            "status": None if response.is_reset else response.status,
            "fault": fault,
            "write": request.write,
            "device": sys.intern(request.headers.get("x-ig-android-id", "")),
            "user_agent": sys.intern(request.headers.get("user-agent", "")),
            "ms": round(ms, 2),
        }
        if request.method == "POST":
            entry["form"] = {name: request.form[name] for name in SHOWN_FIELDS if name in request.form}
        self.entries.append(entry)
        if self._file is not None:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def find(self, *, since: int = 0, path: str = "", login: str = "", writes: bool = False) -> list[dict[str, Any]]:
        """Entries numbered above `since` whose "host/path" contains `path`."""
        return [
            entry
            for entry in self.entries
            if entry["id"] > since
            and path in entry["host"] + entry["path"]
            and (not login or login in (entry["login"], str(entry["login_pk"])))
            and (not writes or entry["write"] is not None)
        ]

    def clear(self) -> None:
        self.entries.clear()
        self.cleared = self.total

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
