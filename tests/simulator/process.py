"""A simulator in a process of its own, and its control API."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
START = "2026-11-01T12:00:00+00:00"


@dataclass
class Simulator:
    """A running simulator. `url` is its base address."""

    process: "subprocess.Popen[str]"
    url: str
    control: httpx.Client

    @classmethod
    def start(cls, *options: str) -> "Simulator":
        command = [sys.executable, "-m", "simulator", "--port", "0", "--rate", "0", "--start-date", START, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), "the simulator did not start"
        return cls(process, url, httpx.Client(base_url=f"{url}/_control/", timeout=60, trust_env=False))

    def stop(self) -> None:
        self.control.close()
        self.process.terminate()
        self.process.wait(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def get(self, endpoint: str, /, **params: Any) -> dict[str, Any]:
        answer = self.control.get(endpoint, params=params)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def post(self, endpoint: str, /, **body: Any) -> dict[str, Any]:
        answer = self.control.post(endpoint, json=body)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, path: str, kind: str, **more: Any) -> None:
        self.post("faults", path=path, kind=kind, **more)

    def advance(self, **how: float) -> None:
        self.post("clock", **how)

    def pks(self, account: str, direction: str = "followers", at: str = "now") -> set[int]:
        """The true list."""
        return set(self.get("truth", account=account, direction=direction, at=at)["pks"])

    def requests(self, path: str = "", **filters: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.get("log", path=path, **filters)["entries"]
        return entries
