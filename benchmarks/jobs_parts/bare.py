"""``python -m benchmarks.jobs_parts.bare <tasks>``: tasks a second of django-q2 as it comes, as JSON."""

from __future__ import annotations

import json
import os
import sys
import time


def nothing() -> None:
    """The task."""


def one_update() -> None:
    """The task with the least that a step does: one committed row."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("update bench_bare set done = done + 1 where id = %s", [os.getpid() % 64])


def rate(function: str, tasks: int) -> float:
    """Tasks a second, from the first enqueued one to the last acknowledged one."""
    from django_q.models import OrmQ
    from django_q.tasks import async_task

    started = time.perf_counter()
    for _ in range(tasks):
        async_task(f"benchmarks.jobs_parts.bare.{function}")
    while OrmQ.objects.filter(key="bare").exists():
        time.sleep(0.02)
    return tasks / (time.perf_counter() - started)


def main() -> None:
    """Start a cluster, measure, stop it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.jobs_parts.bare_settings"
    import django

    django.setup()
    from django.db import connection
    from django_q.cluster import Cluster

    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_bare")
        cursor.execute("create table bench_bare as select id, 0 as done from generate_series(0, 63) id")
    cluster = Cluster()
    cluster.start()
    rate("nothing", 20)  # warms up
    tasks = int(sys.argv[1])
    found = {function: rate(function, tasks) for function in ("nothing", "one_update")}
    with connection.cursor() as cursor:
        cursor.execute("drop table bench_bare")
    cluster.stop()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
