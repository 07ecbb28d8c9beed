"""Making the embedded server's data directory, and inside it the site's role, its database and the extensions."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from igsite import child_processes
from igsite.embedded_binaries import Binaries
from igsite.embedded_place import WINDOWS, EmbeddedError, Place

SUPERUSER = "postgres"
EXTENSIONS = ("pg_trgm", "unaccent", "citext", "btree_gin")
BUILTIN_LOCALE_SINCE = 17
READY_LINE = 7  # of postmaster.pid, counted from 0 (src/include/utils/pidfile.h: LOCK_FILE_LINE_PM_STATUS)


@dataclass(frozen=True)
class Cluster:
    """A place and the programs that run in it."""

    place: Place
    binaries: Binaries

    def dsn(self, role: str, database: str) -> str:
        """Connection text for ``role``."""
        if not WINDOWS:
            return make_conninfo(host=str(self.place.sockets), user=role, dbname=database, connect_timeout=5)
        return make_conninfo(
            host="127.0.0.1",
            port=self.place.port_file.read_text().strip(),
            password=self.place.password_file.read_text().strip(),
            user=role,
            dbname=database,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        """Whether the server takes connections. Asked only when it says so: its log keeps no refused attempts."""
        try:
            status = (self.place.data / "postmaster.pid").read_text().splitlines()[READY_LINE].strip()
            if status != "ready":
                return False
            with psycopg.connect(self.dsn(SUPERUSER, "postgres")):
                return True
        except (psycopg.OperationalError, OSError, IndexError):
            return False

    def listening(self) -> list[str]:
        """Where the server listens: a Unix socket only its owner can use; on Windows 127.0.0.1 with a password."""
        if not WINDOWS:
            return [
                "listen_addresses=",
                f"unix_socket_directories={_quoted_folder(self.place.sockets)}",
                "unix_socket_permissions=0700",
            ]
        return ["listen_addresses=127.0.0.1", f"port={self._free_port()}"]

    def prepare(self, database: str, role: str, *, may_create_databases: bool) -> None:
        """Idempotent: the site's role (never a superuser), its database, and the extensions that only we can create."""
        with psycopg.connect(self.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
            rights = "nosuperuser nocreaterole " + ("createdb" if may_create_databases else "nocreatedb")
            connection.execute(sql.SQL("alter role {} " + rights).format(sql.Identifier(role)))
            if WINDOWS:
                password = self.place.password_file.read_text().strip()
                connection.execute(
                    sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(password))
                )
            self._extend("template1")
            if not connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(role))
                )
        self._extend(database)

    def _extend(self, database: str) -> None:
        with psycopg.connect(self.dsn(SUPERUSER, database), autocommit=True) as connection:
            present = {row[0] for row in connection.execute("select extname from pg_extension")}
            for name in EXTENSIONS:
                if name in present:
                    continue
                try:
                    connection.execute(sql.SQL("create extension {}").format(sql.Identifier(name)))
                except psycopg.Error as error:
                    raise EmbeddedError(
                        f"This Postgres lacks the extension {name} ({error}). Install its contrib package (Debian: "
                        "postgresql-contrib), or unset EMBEDDED_PG_BIN so that igsite's own programs are used."
                    ) from error

    def _free_port(self) -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.place.port_file.write_text(f"{port}\n")
        return port


def create_cluster(cluster: Cluster) -> None:
    """Make the data directory unless it is there. EmbeddedError when it was made by another major version."""
    place, binaries = cluster.place, cluster.binaries
    version_file = place.data / "PG_VERSION"
    if version_file.exists():
        made_by = version_file.read_text().strip()
        if made_by != str(binaries.major):
            raise EmbeddedError(
                f"{place.data} was made by Postgres {made_by}, and these programs are {binaries.version}. To upgrade: "
                f"set EMBEDDED_PG_BIN to the bin folder of Postgres {made_by}, start igsite, write a dump with "
                "`pg_dump -Fc`; then unset it, move the folder away, start igsite and read it with `pg_restore`."
            )
        return
    if place.data.exists() and any(place.data.iterdir()):
        raise EmbeddedError(f"{place.data} holds files that are not Postgres data. Move them away and start again.")
    _initdb(cluster)


def _initdb(cluster: Cluster) -> None:
    """Into a folder beside, renamed when it is whole: a start that is killed in between leaves no half-made data."""
    place, binaries = cluster.place, cluster.binaries
    unfinished = place.home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    arguments: list[str | Path] = [binaries.program("initdb"), "-D", unfinished, "-U", SUPERUSER]
    arguments += ["-E", "UTF8", "--data-checksums"]
    if binaries.major >= BUILTIN_LOCALE_SINCE:
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        arguments += ["--locale=C.UTF-8"]
    with contextlib.ExitStack() as stack:
        if WINDOWS:
            place.password_file.write_text(secrets.token_urlsafe(32))
            arguments += ["-A", "scram-sha-256", f"--pwfile={place.password_file}"]
        else:
            arguments += ["-A", "trust"]  # whoever reaches the socket (mode 0700) is its owner
        log = stack.enter_context(tempfile.TemporaryFile())
        code = _run_as(place, arguments, log.fileno())
        log.seek(0)
        if code:
            text = log.read().decode(errors="replace").strip()
            raise EmbeddedError(f"initdb could not make {place.data}:\n{text}")
    unfinished.rename(place.data)


def _run_as(place: Place, arguments: list[str | Path], output: int) -> int:
    try:
        process = child_processes.spawn(
            arguments, output=output, environment=server_environment(), folder=place.home, account=place.account
        )
    except OSError as error:
        raise EmbeddedError(
            f"{arguments[0]} could not be started as account {place.account or 'yours'} ({error}). Start igsite as an "
            "ordinary user, or set DATABASE_URL."
        ) from error
    return process.wait()


def server_environment() -> dict[str, str]:
    """What Postgres's programs need of the environment: none of the site's secrets."""
    kept = {"PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP"}
    return {name: value for name, value in os.environ.items() if name.upper() in kept} | {"LC_ALL": "C"}


def _quoted_folder(folder: Path) -> str:
    """A name for the list-valued setting unix_socket_directories: commas and quotes are part of the name."""
    return '"' + str(folder).replace('"', '""') + '"'
