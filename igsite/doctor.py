"""Is everything there that the site needs? Each check answers with a sentence; a failing one says what to do."""

from __future__ import annotations

import json
import stat
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import psycopg
from django.apps import apps as django_apps
from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.module_loading import import_string

from igsite.live import CHANNEL, connection_parameters, notify
from igsite.static_files import missing_node_files

SILENCE = timedelta(seconds=60)
EXTENSIONS = {"pg_trgm", "unaccent", "citext", "btree_gin"}
MANIFEST = "staticfiles.json"


@dataclass(frozen=True)
class Finding:
    """What a check found. ``ok`` None: it could not be said, or there is nothing to do. ``url``: where to mend it."""

    name: str
    ok: bool | None
    sentence: str
    url: str = ""


def examine() -> Iterator[Finding]:
    """All checks, one after the other; without a database only those that need none."""
    yield from _each(state_folder, browser_files, master_key)
    reached = database()
    yield reached
    if reached.ok:
        yield from _each(role, tables, vault, work, live_updates, mail)


def site_checks() -> dict[str, Callable[[], Finding]]:
    """Every check of the site as a whole, by its key. Each answers within some seconds."""
    checks = (state_folder, browser_files, master_key, database, role, tables, vault, work, live_updates, mail)
    return {check.__name__.replace("_", "-"): check for check in checks}


def of_site(key: str) -> Finding:
    """The finding of one check. Raises ``KeyError`` for a check that does not exist."""
    return next(_each(site_checks()[key]))


def of_workspace(group: str, workspace: Any) -> list[Finding]:
    """The findings of one group (logins, sources …) in a workspace. Raises ``KeyError`` for no such group."""
    return list(import_string(settings.DOCTOR_OF_WORKSPACES[group])(workspace))


def examine_workspaces() -> Iterator[tuple[Any, Finding]]:
    """What is not well in any workspace, with the workspace. Nothing is sent: states and health are read."""
    for workspace in django_apps.get_model(settings.WORKSPACE_MODEL).objects.order_by("pk").iterator():
        for group in settings.DOCTOR_OF_WORKSPACES:
            for finding in of_workspace(group, workspace):
                if finding.ok is False:
                    yield workspace, finding


def mail() -> Finding:
    """Whether mails leave: connects to the mail server, and sends nothing."""
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return Finding("mail", None, "Mails stay on this machine, in the log.")
    try:
        with get_connection(timeout=5):
            return _well("mail", f"{settings.EMAIL_HOST} takes mails")
    except (OSError, SMTPException) as error:
        return _ill("mail", f"{settings.EMAIL_HOST} does not ({error}). Look at the settings EMAIL_….")


def state_folder() -> Finding:
    """Secrets lie there: others must not look in."""
    folder = settings.STATE_DIR
    try:
        mode = folder.stat().st_mode
        probe = folder / f".{uuid.uuid4().hex}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return _ill("state folder", f"{folder} cannot be written ({error.strerror}). Give it to this account.")
    if sys.platform != "win32" and mode & (stat.S_IRWXO & ~stat.S_IXOTH):
        return _ill("state folder", f"Others can read {folder}: chmod go-rw {folder}")
    return _well("state folder", f"{folder} is ours alone")


def browser_files() -> Finding:
    """What npm brings, and what collectstatic made."""
    missing = missing_node_files()
    if missing:
        return _ill("browser files", f"{len(missing)} are missing (plainer charts): manage.py assets")
    if not (Path(settings.STATIC_ROOT) / MANIFEST).is_file():
        return _ill("browser files", "They are not collected: manage.py collectstatic")
    return _well("browser files", "all there")


def master_key() -> Finding:
    """Whether the vault could be opened; the key itself is not shown."""
    try:
        key_id = import_string(settings.MASTER_KEY)().id
    except Exception as error:  # whatever it is, its sentence is the finding
        return _ill("master key", str(error))
    return _well("master key", f"key {key_id}")


def database() -> Finding:
    """Whether it answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version')")
            return _well("database", f"Postgres {cursor.fetchone()[0]}")
    except DatabaseError as error:
        advice = "Look at DATABASE_URL." if settings.DATABASE_URL else "Start the site first: manage.py up"
        return _ill("database", f"It does not answer ({str(error).strip()}). {advice}")


def role() -> Finding:
    """The site needs no superuser, and the extensions."""
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        if cursor.fetchone()[0]:
            return _ill("database role", "The site signs in as a superuser. Give it a role of its own.")
        cursor.execute("select extname from pg_extension")
        missing = EXTENSIONS - {name for (name,) in cursor.fetchall()}
    if missing:
        return _ill("database role", f"Extensions are missing, create them: {', '.join(sorted(missing))}")
    return _well("database role", "no superuser; the extensions stand")


def tables() -> Finding:
    """Whether the schema is the code's."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return _ill("tables", f"{len(waiting)} migrations wait: manage.py migrate")
    return _well("tables", "up to date")


def vault() -> Finding:
    """Whether what people handed over can be opened now."""
    ok, sentence = import_string(settings.VAULT_REPORT)()
    return Finding("vault", ok, sentence)


def work() -> Finding:
    """Whether a job went through in the last minute."""
    heard: datetime | None = import_string(settings.LAST_HEARD)()
    if heard is None:
        return _ill("work", "No job ever ran. Start workers and sweep: manage.py up")
    silence = timezone.now() - heard
    if silence > SILENCE:
        return _ill("work", f"No job went through for {int(silence.total_seconds())} s. Look at cluster's log.")
    return _well("work", f"a job went through {max(0, int(silence.total_seconds()))} s ago")


def live_updates() -> Finding:
    """A hint through the database and back, as from a worker to a page."""
    mark = uuid.uuid4().hex
    try:
        with psycopg.connect(**connection_parameters(), autocommit=True) as link:
            link.execute(f"listen {CHANNEL}")
            notify(f"doctor-{mark}", {})
            for notice in link.notifies(timeout=5):
                if json.loads(notice.payload)["group"] == f"doctor-{mark}":
                    return _well("live updates", "hints arrive")
    except psycopg.Error as error:
        return _ill("live updates", f"The database cannot be listened to ({error}).")
    return _ill("live updates", "A hint was lost. A connection pooler in transaction mode cannot carry them.")


def _well(name: str, sentence: str) -> Finding:
    return Finding(name, ok=True, sentence=sentence)


def _ill(name: str, sentence: str) -> Finding:
    return Finding(name, ok=False, sentence=sentence)


def _each(*checks: Callable[[], Finding]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield check()
        except DatabaseError as error:
            yield Finding(check.__name__.replace("_", " "), None, f"The database did not say ({str(error).strip()}).")
