"""django-q2's queue in Postgres, with a doorbell: workers start within milliseconds and nothing polls.

Differences from django-q2's own ORM broker (measured in ``docs/jobs.md``): an insert notifies; the idle pusher listens
instead of asking five times a second; a task leaves the table when it is fetched. A task that is lost with its worker
is no loss: it is only a bell, and the sweep rings again.
"""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from django.db import Error, connections, transaction
from django_q.brokers.orm import ORM
from django_q.conf import Conf

logger = logging.getLogger(__name__)
CHANNEL: Final = "igsite_bell"
IDLE_SECONDS: Final = 1.0
_PUT = """
with bell as (
    insert into django_q_ormq (key, payload, lock)
    values (%s, %s, case when %s then 'epoch' else clock_timestamp() end) returning id
) select id, pg_notify(%s, '') from bell
"""
_FETCH = """
delete from django_q_ormq where id in (
    select id from django_q_ormq where key = %s order by lock, id limit %s for update skip locked
) returning id, payload
"""


class NotifyBroker(ORM):  # type: ignore[misc] # django-q2 has no types
    """The queue of bells. ``in_front``: what this instance puts in goes before the rest."""

    def __init__(self, list_key: str | None = None, *, in_front: bool = False) -> None:
        super().__init__(list_key=list_key)
        self.in_front = in_front
        self._listening: Any = None
        self._is_away = False

    @staticmethod
    def get_connection(_list_key: str | None = None) -> Any:
        """The database connection of this thread, opened again when it has gone stale outside a transaction."""
        connection = connections[Conf.ORM]
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return connection

    @staticmethod
    def get_cache() -> None:
        """No cache: nothing of the cluster is stored."""
        return

    def enqueue(self, task: str) -> int:
        """Put a bell into the queue, within the caller's transaction, and wake an idle pusher at its commit."""
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(_PUT, [self.list_key or Conf.CLUSTER_NAME, task, self.in_front, CHANNEL])
            return int(cursor.fetchone()[0])

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Fetch bells, or wait up to a second for one to come. None: nothing yet, or the database is away."""
        try:
            found = self._fetch()
            if not found:
                self._wait()
        except Error as error:
            if not self._is_away:
                logger.warning("the queue cannot be read, tried again each second: %s", error)
            self._is_away = True
            connections[Conf.ORM].close()
            time.sleep(IDLE_SECONDS)
            return None
        self._is_away = False
        return found or None

    def _fetch(self) -> list[tuple[int, str]]:
        connection = self.get_connection()
        with connection.cursor() as cursor:
            if self._listening is not connection.connection:
                # This session only fetches bells: a fetch that a crash undoes is one bell too many, so it need not wait
                # for the disk.
                cursor.execute(f"listen {CHANNEL}; set synchronous_commit = off")
                self._listening = connection.connection
            cursor.execute(_FETCH, [self.list_key, Conf.BULK])
            return sorted((int(pk), str(payload)) for pk, payload in cursor.fetchall())

    def _wait(self) -> None:
        connection = connections[Conf.ORM]
        with connection.wrap_database_errors:
            for _notice in connection.connection.notifies(timeout=IDLE_SECONDS, stop_after=1):
                break

    def queue_size(self) -> int:
        """How many bells have not been fetched."""
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute("select count(*) from django_q_ormq where key = %s", [self.list_key])
            return int(cursor.fetchone()[0])

    def lock_size(self) -> int:
        """No bell is kept locked."""
        return 0

    def delete(self, task_id: int) -> None:
        """Nothing to do: a fetched bell is gone."""

    def acknowledge(self, task_id: int) -> None:
        """Nothing to do: a fetched bell is gone."""

    def fail(self, task_id: int) -> None:
        """Nothing to do: a fetched bell is gone."""

    def purge_queue(self) -> int:
        """Empty the queue."""
        with transaction.atomic(using=Conf.ORM), connections[Conf.ORM].cursor() as cursor:
            cursor.execute("delete from django_q_ormq where key = %s", [self.list_key])
            return int(cursor.rowcount)
