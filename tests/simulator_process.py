"""The simulator as a process of its own, with its control API at hand: for any test that needs an Instagram."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 10


class SimulatorProcess:
    """``python -m simulator`` on a free port.

    >>> with SimulatorProcess("--rate", "0") as simulator:
    ...     simulator.control("clock", {"advance_days": 7})
    """

    def __init__(self, *options: str) -> None:
        self.options = options
        self.base_url = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        if self._process is None:
            raise RuntimeError("the simulator is not running")
        return self._process.pid

    def start(self) -> SimulatorProcess:
        """Starts it and waits for its address."""
        command = [sys.executable, "-m", "simulator", "--host", "127.0.0.1", "--port", "0", *self.options]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        lines: Queue[str] = Queue()
        threading.Thread(target=self._copy_lines, args=(lines,), daemon=True).start()
        said: list[str] = []
        while not self.base_url:
            try:
                said.append(lines.get(timeout=START_SECONDS))
            except Empty:
                said.append("")
            if said[-1].startswith("http://"):
                self.base_url = said[-1].strip()
            elif not said[-1]:
                self.stop()
                raise RuntimeError("the simulator did not start:\n" + "".join(said))
        return self

    def _copy_lines(self, lines: Queue[str]) -> None:
        """Keeps its pipe empty for as long as it runs; an empty line tells that it ended."""
        process = self._process
        if process is not None and process.stdout is not None:
            for line in process.stdout:
                lines.put(line)
        lines.put("")

    def stop(self) -> None:
        """Ends it. Twice is no harm."""
        process, self._process = self._process, None
        self.base_url = ""
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def __enter__(self) -> SimulatorProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def control(self, path: str, body: object = None, *, method: str | None = None) -> Any:
        """Asks ``/_control/<path>``: a POST if there is a ``body`` ({} is one), else a GET. Returns what JSON says."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - the address is our own process
            f"{self.base_url}/_control/{path.lstrip('/')}",
            data=data,
            headers={"Content-Type": "application/json"},
            method=method or ("GET" if data is None else "POST"),
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture(scope="session")
def simulator() -> Iterator[SimulatorProcess]:
    """One simulator for all tests of a worker, its clock standing still. Reset what you changed: see ``control``."""
    with SimulatorProcess("--rate", "0") as running:
        yield running
