"""A backup: one file with the database as it stood in one moment, the kept files, and sums that prove a restore.

    database.dump   pg_dump's own format, from one snapshot
    files/…         what people uploaded; profile pictures are fetched again
    manifest.json   when, which version of the tables, rows and a sum for each table, SHA-256 of every member

The master key and the site's secret key are not in it: whoever finds a backup opens no secret. Neither are sessions
(nobody is signed in after a restore), the cache, nor the bells of jobs.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from psycopg import sql

from igsite import embedded_binaries
from igsite.live import connection_parameters

DUMP: Final = "database.dump"
MANIFEST: Final = "manifest.json"
FILES: Final = "files"
#: Tables whose rows are not kept: sessions, the cache, bells.
NOT_KEPT: Final = ("django_session", "usersessions_usersession", "igsite_cache", "django_q_ormq")
_NOT_KEPT_FILES: Final = {"pictures"}
_CHUNK: Final = 2**20


class BackupError(RuntimeError):
    """A backup cannot be made, or is not whole. The sentence says what to do."""


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and the sum of their hashes: equal for equal rows in any order."""

    rows: int
    total: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    made_at: str
    migrations: list[str]
    tables: dict[str, TableSum]
    sha256: dict[str, str]


def make(target: Path, now: datetime) -> Manifest:
    """Write a backup of the running site to ``target``: whole, or not at all.

    Raises:
        BackupError: the file exists, cannot be written, or the database refuses.
    """
    if target.exists():
        raise BackupError(f"{target} exists. Choose another name.")
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".backup-")  # mode 0600
    except OSError as error:
        raise BackupError(f"{target.parent} cannot be written ({error.strerror}).") from error
    made = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            manifest = _write(stream, now)
            stream.flush()
            os.fsync(stream.fileno())
        made.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise BackupError(f"{target} cannot be written ({error.strerror}).") from error
    except psycopg.Error as error:
        raise BackupError(f"The database did not let itself be read ({str(error).strip()}). Try again.") from error
    finally:
        made.unlink(missing_ok=True)
    return manifest


def read(source: Path) -> Manifest:
    """The manifest of a backup whose every member is what it was. Raises :class:`BackupError`."""
    try:
        with tarfile.open(source) as archive:
            manifest = _manifest(archive)
            for member in archive:
                if member.name != MANIFEST and _sha256(archive, member) != manifest.sha256.get(member.name):
                    raise BackupError(f"{source} is damaged: {member.name} is not what it was. Take another backup.")
            missing = set(manifest.sha256) - set(archive.getnames())
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{source} is no backup of this site, or is cut short.") from error
    if missing:
        raise BackupError(f"{source} is damaged: {sorted(missing)[0]} is missing. Take another backup.")
    return manifest


def sums(link: psycopg.Connection[Any]) -> dict[str, TableSum]:
    """Rows and sum of each table that is kept, as this connection's snapshot sees them."""
    found = link.execute(
        "select relname from pg_class where relkind = 'r' and relpersistence = 'p'"
        " and relnamespace = 'public'::regnamespace order by relname"
    ).fetchall()
    result = {}
    for (table,) in found:
        if table not in NOT_KEPT:
            ask = sql.SQL("select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {} t")
            row = link.execute(ask.format(sql.Identifier(table))).fetchone()
            result[table] = TableSum(row[0], str(row[1])) if row else TableSum(0, "0")
    return result


@contextmanager
def connected() -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own as the site's role, without limits on time."""
    with psycopg.connect(**connection_parameters() | {"connect_timeout": 30}) as link:
        link.execute("set statement_timeout = 0")
        link.execute("set timezone = 'UTC'")
        yield link


def run_program(name: str, *arguments: str, output: Any = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """One of Postgres's programs on the site's database. Raises :class:`BackupError` with what it said."""
    given = connection_parameters()
    known = {
        "PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert",
    }  # fmt: skip
    environment = {name: str(given[key]) for name, key in known.items() if given.get(key)}
    done = subprocess.run(
        [str(embedded_binaries.find().program(name)), *arguments],
        env={**os.environ, **environment},
        stdout=output,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{name} failed: {done.stderr.decode(errors='replace').strip()[-1000:]}")
    return done


def sync_folder(folder: Path) -> None:
    """A name in a folder is safe once the folder is on the disk. Windows does that by itself."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(stream: Any, now: datetime) -> Manifest:
    digests: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="w") as archive, tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        with connected() as link:
            # One snapshot for the sums and for pg_dump: they tell of the same rows, whatever is written meanwhile.
            link.execute("set transaction isolation level repeatable read, read only")
            found = link.execute("select pg_export_snapshot()").fetchone()
            snapshot = str(found[0]) if found else ""
            without = [f"--exclude-table-data={table}" for table in NOT_KEPT]
            run_program(
                "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments",
                "--no-unlogged-table-data", f"--snapshot={snapshot}", f"--file={dump}", *without,
            )  # fmt: skip
            tables = sums(link)
            applied = link.execute("select app || '.' || name from django_migrations order by id").fetchall()
        _add(archive, dump, DUMP, digests)
        for file in _kept_files(settings.STATE_DIR / FILES):
            _add(archive, file, f"{FILES}/{file.relative_to(settings.STATE_DIR / FILES).as_posix()}", digests)
        manifest = Manifest(now.isoformat(), [name for (name,) in applied], tables, digests)
        text = json.dumps(asdict(manifest), indent=1).encode()
        member = tarfile.TarInfo(MANIFEST)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return manifest


def _kept_files(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.relative_to(folder).parts[0] not in _NOT_KEPT_FILES:
            yield file


def _add(archive: tarfile.TarFile, file: Path, name: str, digests: dict[str, str]) -> None:
    """A file as it is now; one that went away since the folder was read is left out."""
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return
    with stream:
        member = tarfile.TarInfo(name)
        member.size = file.stat().st_size
        archive.addfile(member, stream)
    with file.open("rb") as again:
        digests[name] = hashlib.file_digest(again, "sha256").hexdigest()


def _manifest(archive: tarfile.TarFile) -> Manifest:
    stream = archive.extractfile(MANIFEST)
    if stream is None:
        raise BackupError("The backup has no manifest.")
    said = json.loads(stream.read())
    tables = {name: TableSum(**table) for name, table in said["tables"].items()}
    return Manifest(said["made_at"], said["migrations"], tables, said["sha256"])


def _sha256(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    stream, digest = archive.extractfile(member), hashlib.sha256()
    if stream is not None:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
