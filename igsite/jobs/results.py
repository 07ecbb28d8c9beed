"""What becomes of the results of django-q2's tasks: nothing. Takes the place of its monitor process.

The original stores failures with their tracebacks, as pickles. And it reads its queue under a lock: when it is killed,
its successor waits for that lock for ever, and so does every stop of the cluster. Here results are read and dropped; as
the only reader it needs no lock.
"""

from __future__ import annotations

from multiprocessing.process import current_process
from multiprocessing.queues import Queue
from multiprocessing.reduction import ForkingPickler
from typing import Any, Final

import setproctitle
from django_q import cluster

_STOP: Final = "STOP"


def forget(result_queue: Queue[Any], broker: object = None) -> None:  # noqa: ARG001 - django-q2's own signature
    """Read until told to stop."""
    setproctitle.setproctitle(f"qcluster {current_process().name} monitor")
    reader: Any = result_queue._reader  # type: ignore[attr-defined] # noqa: SLF001 - the pipe below the queue's lock
    while ForkingPickler.loads(reader.recv_bytes()) != _STOP:
        pass


def install() -> None:
    """For the clusters that this process starts."""
    cluster.monitor = forget
