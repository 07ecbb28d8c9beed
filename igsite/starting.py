"""The order in which the site starts: folder, port, database, tables, static files, simulator, workers, web.

Everything that can be wrong on somebody's machine raises :class:`CannotStart` with a sentence that says what to do.
"""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils.module_loading import import_string

from igsite import ports, site_roles
from igsite.embedded import EmbeddedError, EmbeddedServer
from igsite.environment import LOOPBACK_HOSTS
from igsite.file_locks import FileLock
from igsite.key_keeper import Keeper, KeeperAway
from igsite.static_files import missing_node_files
from igsite.supervisor import Log, Role, Supervisor

WATCHDOG_SECONDS = 5
REVIVE_SECONDS = 2


class CannotStart(Exception):
    """The site cannot start; the text says what to do."""


class Site:
    """One running site: its database server, its roles and the ticks between them."""

    def __init__(self, host: str, port: int, log: Log, *, with_web: bool = True) -> None:
        self.host, self.port, self.log, self.with_web = host, port, log, with_web
        self.supervisor = Supervisor(log, settings.BASE_DIR)
        self.lock = FileLock(settings.STATE_DIR / "up.lock")
        self.keeper = Keeper(settings.STATE_DIR)
        self.server: EmbeddedServer | None = None
        self.environment = {**os.environ, "IGSITE_PORT": str(port), "PYTHONUNBUFFERED": "1"}
        self.cluster: Role | None = None
        self.started = False
        self.announced = False
        self._next_watch = 0.0
        self._next_revival = 0.0

    def start(self) -> None:
        """Everything up to the web server; CannotStart when something stands in the way."""
        self._claim()
        self._start_database()
        self._prepare()
        self._keep_key()
        if settings.MODE == "demo":
            self._start_simulator()
        self.cluster = site_roles.cluster(self.environment)
        self.supervisor.add(self.cluster)
        self.supervisor.add(site_roles.sweep(self.environment))
        if self.with_web:
            self.supervisor.add(site_roles.web(self.environment, self.host, self.port))
        self.started = True

    def run(self) -> None:
        """Until :attr:`Supervisor.stopping` is set."""
        self.supervisor.run(self._tick)

    def stop(self) -> None:
        """Everything ends; the database last."""
        self.supervisor.stop()
        self.keeper.stop()
        connection.close()
        if self.server is not None:
            self.server.stop()
        self.lock.release()

    def _claim(self) -> None:
        try:
            settings.STATE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
            first = self.lock.acquire()
        except OSError as error:
            raise CannotStart(
                f"{settings.STATE_DIR} cannot be written ({error.strerror}). Give it to this account, or set "
                "IGSITE_STATE_DIR to a folder that it may write."
            ) from error
        if not first:
            raise CannotStart(
                f"igsite already runs from {settings.STATE_DIR} (process {self.lock.holder()}). Stop that one first, "
                "or set IGSITE_STATE_DIR to another folder for a second site."
            )
        if not self.with_web:
            return
        if settings.MODE != "production" and self.host not in LOOPBACK_HOSTS:
            raise CannotStart(
                f"The demo's password is public, so it listens on this machine only, not on {self.host}. For others to "
                "reach a site, run it with IGSITE_MODE=production (docs/operations.md)."
            )
        if not ports.is_free(self.host, self.port):
            raise CannotStart(
                f"Port {self.port} of {self.host} is in use or not allowed. Choose another one, for example "
                f"IGSITE_PORT={self.port + 1}."
            )

    def _keep_key(self) -> None:
        """From here on the vault can be unlocked for all processes; without a passphrase nobody asks."""
        try:
            self.keeper.start()
        except (KeeperAway, OSError) as error:
            self.log.say(f"a vault with a passphrase cannot be unlocked: {error}")

    def _start_database(self) -> None:
        if settings.DATABASE_URL:
            try:
                connection.ensure_connection()
            except OperationalError as error:
                raise CannotStart(f"The database of DATABASE_URL does not answer: {error}".strip()) from error
            return
        self.server = EmbeddedServer(settings.STATE_DIR)
        try:
            with self.log.pipe("postgres") as output:
                self.server.start(output)
        except EmbeddedError as error:
            raise CannotStart(str(error)) from error
        self._say_database()

    def _say_database(self) -> None:
        if self.server is not None and self.server.process is not None:
            self.log.say(f"postgres started as process {self.server.process.pid}")

    def _prepare(self) -> None:
        missing = missing_node_files()
        if missing:
            self.log.say(f"{len(missing)} browser files are not installed (plainer charts and fonts): manage.py assets")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        self.log.say("the tables stand")
        call_command("collectstatic", interactive=False, verbosity=0, clear=False)
        connection.close()

    def _start_simulator(self) -> None:
        if os.environ.get("IGSITE_INSTAGRAM_URL"):
            self.log.say(f"Instagram is played by {settings.INSTAGRAM_BASE_URL}")
            return
        port = settings.SIMULATOR_PORT
        if not ports.is_free("127.0.0.1", port):
            if os.environ.get("IGSITE_SIMULATOR_PORT"):
                raise CannotStart(f"Port {port} is in use. Set IGSITE_SIMULATOR_PORT to a free one, or unset it.")
            port = ports.free_port()
        self.environment["IGSITE_SIMULATOR_PORT"] = str(port)
        self.supervisor.add(site_roles.simulator(self.environment, port))

    def _tick(self) -> None:
        now = time.monotonic()
        if self.with_web and not self.announced and self._answers():
            self.announced = True
            self._announce()
        if now >= self._next_watch:
            self._next_watch = now + WATCHDOG_SECONDS
            self._watch_cluster()
        if self.server is not None and self.server.has_died() and now >= self._next_revival:
            self._next_revival = now + REVIVE_SECONDS
            self._revive(self.server)

    def _watch_cluster(self) -> None:
        role = self.cluster
        if role is None or not role.is_running or (self.server is not None and self.server.has_died()):
            return
        is_stuck: Callable[[datetime], bool] = import_string(settings.WATCHDOG)
        since = datetime.fromtimestamp(time.time() - (time.monotonic() - role.started_at), UTC)
        if is_stuck(since):
            self.supervisor.restart(role, "no work goes through")

    def _revive(self, server: EmbeddedServer) -> None:
        self.log.say("postgres ended; it is started again")
        try:
            with self.log.pipe("postgres") as output:
                server.revive(output)
            self._say_database()
        except EmbeddedError as error:
            self.log.say(f"{error} The next try follows.")

    def _answers(self) -> bool:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        link = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            link.request("GET", "/healthz", headers={"Host": next(iter(settings.ALLOWED_HOSTS), "localhost")})
            return link.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    def _announce(self) -> None:
        self.log.say(f"\nigsite is ready: http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}/")
        if settings.MODE == "demo":
            self.log.say(f"demo log-in:     {settings.DEMO_EMAIL}  password  {settings.DEMO_PASSWORD}")
            if settings.FILL_DEMO:
                self.supervisor.add(site_roles.demo(self.environment))
        self.log.say("Ctrl-C ends it.\n")
