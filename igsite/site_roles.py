"""The processes of a site: their command lines, how long they get at the end, and how their connections are kept."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from igsite.supervisor import Role

FINISH_SECONDS = 30  # running steps of jobs get this long at the end
LONGEST_FRAME = 1024  # bytes; browsers have nothing to say on the websocket

Environment = Mapping[str, str]


def cluster(environment: Environment) -> Role:
    """The workers. Killed together with the supervisor: a job that is cut off is taken up again, an orphan is not."""
    return Role("cluster", _manage("cluster"), _as("worker", environment), FINISH_SECONDS, signal.SIGKILL)


def sweep(environment: Environment) -> Role:
    """The clock of the jobs."""
    return Role("sweep", _manage("sweep"), _as("worker", environment))


def demo(environment: Environment) -> Role:
    """Fills an empty demo, once, behind the running site."""
    port = environment.get("IGSITE_SIMULATOR_PORT", settings.SIMULATOR_PORT)
    control = {"IGSITE_SIMULATOR_CONTROL": f"http://127.0.0.1:{port}/_control"}
    return Role("demo", _manage("demo"), _as("worker", {**control, **environment}), once=True)


def simulator(environment: Environment, port: int) -> Role:
    """The Instagram of the demo, with its memory in the state folder."""
    state = str(settings.STATE_DIR / "simulator.json")
    return Role("simulator", [sys.executable, "-m", "simulator", "--port", str(port), "--state", state], environment)


def web(environment: Environment, host: str, port: int) -> Role:
    """Pages and websocket in one process."""
    arguments: list[str | Path] = [sys.executable, "-m", "uvicorn", "igsite.asgi:application"]
    arguments += ["--host", host, "--port", str(port), "--lifespan", "off", "--no-access-log", "--no-server-header"]
    arguments += ["--log-level", "warning", "--timeout-graceful-shutdown", "5", "--ws-max-size", str(LONGEST_FRAME)]
    if sys.platform == "win32":  # psycopg's asynchronous connections need this loop there
        arguments += ["--loop", "asyncio:SelectorEventLoop"]
    return Role("web", arguments, _as("web", environment))


def _manage(command: str) -> list[str | Path]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]


def _as(kind: str, environment: Environment) -> Environment:
    return {**environment, "IGSITE_ROLE": kind}
