"""A whole site as a process tree of its own: ``manage.py up`` with its own data and free ports."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import psutil

from igsite.embedded import remove
from igsite.ports import free_port
from tests.database_server import PREFIX

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
STOP_SECONDS = 60


def up_command() -> list[str]:
    """The command line that starts a site."""
    return [sys.executable, str(ROOT / "manage.py"), "up"]


@contextmanager
def open_temporary_folder() -> Iterator[Path]:
    """A folder that is deleted at the end and that other accounts may pass through (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class SiteProcess:
    """A running site. ``base_url`` is its address, ``log`` its whole log so far, :meth:`pid` the process of a role."""

    def __init__(self, folder: Path, *, options: tuple[str, ...] = (), **environment: str) -> None:
        self.state_dir = folder / "state"
        self.log_file = folder / "site.log"
        self.port = free_port()
        self.simulator_port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.simulator_url = f"http://127.0.0.1:{self.simulator_port}"
        self.options = options
        self.environment = self._environment(environment)
        self.process: subprocess.Popen[bytes] | None = None

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("IGSITE_", "PYTEST_", "DJANGO_")) and name not in {"DATABASE_URL", "SECRET_KEY"}
        }
        return kept | {
            "IGSITE_MODE": "demo",
            "IGSITE_FILL_DEMO": "0",  # it moves the simulator's clock behind the backs of tests
            "IGSITE_STATE_DIR": str(self.state_dir),
            "IGSITE_PORT": str(self.port),
            "IGSITE_SIMULATOR_PORT": str(self.simulator_port),
            **extra,
        }

    @property
    def log(self) -> str:
        """Everything the site has printed."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def start(self) -> SiteProcess:
        """Start it and wait until it serves the log-in page."""
        with self.log_file.open("ab") as output:
            self.process = subprocess.Popen(
                [*up_command(), *self.options],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_for(lambda: self.status("/healthz") == 200, START_SECONDS, "the site answers")
        return self

    def wait_for(self, condition: object, seconds: float, what: str) -> None:
        """Poll ``condition`` until it is true; AssertionError with the end of the log when it never is."""
        assert callable(condition)
        deadline = time.monotonic() + seconds
        while not condition():
            ended = self.process is not None and self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                reason = "the site ended" if ended else f"{seconds} s passed"
                raise AssertionError(f"Waited for: {what}; {reason}. Its log ends with:\n{self.log[-4000:]}")
            time.sleep(0.1)

    def status(self, path: str) -> int | None:
        """The HTTP status of a GET without cookies; None while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def manage(self, *arguments: str) -> str:
        """Run a management command against this site's data; its output. CalledProcessError when it fails."""
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        ).stdout

    def examine(self) -> str:
        """What ``manage.py doctor`` prints about this site, well or not."""
        command = [sys.executable, str(ROOT / "manage.py"), "doctor"]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        ).stdout

    def pid(self, role: str) -> int:
        """The newest process of a role: postgres, simulator, cluster, sweep or web. The supervisor logs each start."""
        found = re.findall(rf"{role} started as process (\d+)", self.log)
        assert found, f"{role} never started:\n{self.log[-2000:]}"
        return int(found[-1])

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything under it that is alive."""
        assert self.process is not None
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def stop(self) -> None:
        """SIGTERM, and wait; whatever does not end in time is killed and fails the test."""
        if self.process is None or self.process.poll() is not None:
            return
        everything = self.processes()
        self.process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(everything, timeout=STOP_SECONDS)
        for process in alive:
            process.kill()
        self.process.wait()
        assert not alive, f"Still running after {STOP_SECONDS} s: {alive}\n{self.log[-3000:]}"

    def __enter__(self) -> SiteProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        remove(self.state_dir)
