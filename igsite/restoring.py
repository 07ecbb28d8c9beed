"""From a backup back to a site. Nothing of the old data is lost on the way: what stands is backed up first."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.dispatch import Signal
from psycopg import sql

from igsite import backup
from igsite.backup import DUMP, FILES, BackupError, Manifest
from igsite.live import connection_parameters

#: Sent with ``made_at`` (of the backup) and ``now`` when the rows stand, before anything works with them.
restored = Signal()
Say = Callable[[str], object]


def restore(source: Path, manifest: Manifest, now: datetime, say: Say, *, replace: bool = False) -> None:
    """Put the site back to what ``source`` holds. No other process of the site may run; the caller sees to that.

    Args:
        manifest: what :func:`igsite.backup.read` said of ``source``.
        replace: there may be data already; it is written to a backup of its own beside ``source`` first.

    Raises:
        BackupError: there is data already, the database refuses, or rows differ from what the backup counted.
    """
    _make_room(source, now, say, replace=replace)
    with tarfile.open(source) as archive, tempfile.TemporaryDirectory() as folder:
        _write(archive, archive.getmember(DUMP), Path(folder) / DUMP)
        _load(Path(folder) / DUMP, Path(folder) / "list")
        _check(manifest)
        say(f"{sum(table.rows for table in manifest.tables.values())} rows of {len(manifest.tables)} tables are equal")
        count = _bring_files(archive)
        say(f"{count} files are back")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    with transaction.atomic():
        restored.send(sender=restore, made_at=datetime.fromisoformat(manifest.made_at), now=now)


def _make_room(source: Path, now: datetime, say: Say, *, replace: bool) -> None:
    standing = connection.introspection.table_names()
    if not standing:
        return
    with connection.cursor() as cursor:
        cursor.execute("select exists(select from accounts_user)" if "accounts_user" in standing else "select false")
        has_people = bool(cursor.fetchone()[0])
    if has_people and not replace:
        raise BackupError("There is data already. With --replace it is backed up first, then replaced.")
    if has_people:
        aside = source.with_name(f"before-restore-{now:%Y%m%d-%H%M%S}.tar")
        backup.make(aside, now)
        say(f"what stood here is kept in {aside}")
    _drop_everything()


def _drop_everything() -> None:
    """All tables, sequences, types and functions of the site's role; extensions belong to somebody else and stay."""
    ask = """
        select case relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
                else 'table' end, c.oid::regclass::text
            from pg_class c where relkind in ('r', 'p', 'S', 'v', 'm') and not relispartition
            and relowner = (select oid from pg_roles where rolname = current_user)
            and relnamespace = 'public'::regnamespace
            and (relkind <> 'S' or not exists (select from pg_depend d where d.objid = c.oid
                and d.deptype in ('a', 'i') and d.classid = 'pg_class'::regclass))
        union all
        select 'function', p.oid::regprocedure::text from pg_proc p
            where proowner = (select oid from pg_roles where rolname = current_user)
            and pronamespace = 'public'::regnamespace
    """
    with backup.connected() as link:
        for kind, name in link.execute(ask).fetchall():
            # regclass and regprocedure come out quoted as they must be.
            link.execute(sql.SQL("drop {} if exists {} cascade").format(sql.SQL(kind), sql.SQL(name)))


def _load(dump: Path, wanted: Path) -> None:
    """All but the extensions: they stand already, and only a superuser may make them."""
    listed = backup.run_program("pg_restore", "--list", str(dump)).stdout.decode()
    wanted.write_text("\n".join(line for line in listed.splitlines() if " EXTENSION " not in line))
    connection.close()
    backup.run_program(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
        f"--use-list={wanted}", f"--dbname={connection_parameters()['dbname']}", str(dump),
    )  # fmt: skip


def _check(manifest: Manifest) -> None:
    with backup.connected() as link:
        found = backup.sums(link)
    differing = [name for name, table in manifest.tables.items() if found.get(name) != table]
    if differing:
        raise BackupError(f"Restored, but these tables differ from what the backup counted: {', '.join(differing)}")


def _bring_files(archive: tarfile.TarFile) -> int:
    """Regular files below ``files/`` only, each to its own place; links and ways out of the folder are refused."""
    count, folder = 0, (settings.STATE_DIR / FILES).resolve()
    for member in archive:
        path = PurePosixPath(member.name)
        if path.parts[0] == FILES and member.isfile():
            target = (settings.STATE_DIR / path).resolve()
            if not target.is_relative_to(folder):
                raise BackupError(f"{member.name} in the backup leads out of {folder}. Take another backup.")
            _write(archive, member, target)
            count += 1
    return count


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """The content alone. ``TarFile.extract`` is safe only with a filter, which Python has since 3.11.4."""
    stream = archive.extractfile(member)
    if stream is None:
        raise BackupError(f"The backup's {member.name} is no file. Take another backup.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with stream, target.open("wb") as file:
        shutil.copyfileobj(stream, file)
