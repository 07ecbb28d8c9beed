"""How much memory this process takes at most while something is done."""

from __future__ import annotations

import threading
from typing import Any

import psutil


class Peak:
    """Watches from beside: megabytes beyond those at the start, looked at every hundredth of a second."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._process = psutil.Process()
        self._before = self._process.memory_info().rss
        self._watcher.start()
        return self

    def __exit__(self, *failure: Any) -> None:
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while True:
            taken = (self._process.memory_info().rss - self._before) / 1e6
            self.megabytes = max(self.megabytes, taken)
            if self._over.wait(0.01):
                return
