"""What may travel through django-q2's queue: a job's id, as JSON, for one function. Nothing is unpickled.

django-q2 signs its payloads but packs them with pickle: whoever learns the key, or can write a row, runs code. Here a
payload that is not exactly a call of an allowed function with whole numbers raises ``BadSignature``, which is the one
error that django-q2's pusher survives.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any, Final

from django_q import signing, status
from django_q.signals import post_execute_in_worker
from django_q.signing import BadSignature

logger = logging.getLogger(__name__)

RUN_STEP: Final = "igsite.jobs.runner.run_step"
ALLOWED: Final = frozenset({RUN_STEP})
_FIELDS: Final = {"id": str, "name": str, "func": str, "args": list, "started": str}


class JsonPayload:
    """Stands in for django-q2's ``PickleSerializer``."""

    @staticmethod
    def dumps(task: Any) -> bytes:
        """The payload of a task of django-q2. Raises ``ValueError`` for anything but an allowed call."""
        if not isinstance(task, dict) or task.get("kwargs") or not _is_allowed(task.get("func"), task.get("args")):
            raise ValueError("Only an allowed function with whole numbers may be put into the queue.")
        started: datetime = task["started"]
        packed = {**{name: task[name] for name in ("id", "name", "func")}, "args": list(task["args"])}
        return json.dumps({**packed, "started": started.isoformat()}).encode()

    @staticmethod
    def loads(data: bytes) -> dict[str, Any]:
        """The task as django-q2 wants it. Raises ``BadSignature`` for what :meth:`dumps` would not have made."""
        try:
            task = json.loads(data)
        except (ValueError, UnicodeDecodeError, RecursionError) as error:
            raise BadSignature("The payload is not JSON.") from error
        if not isinstance(task, dict) or set(task) != set(_FIELDS):
            raise BadSignature("The payload is not a task.")
        if any(not isinstance(task[name], type_) for name, type_ in _FIELDS.items()):
            raise BadSignature("The payload has fields of the wrong type.")
        if not _is_allowed(task["func"], task["args"]):
            raise BadSignature("The payload calls what it must not.")
        try:
            started = datetime.fromisoformat(task["started"])
        except ValueError as error:
            raise BadSignature("The payload has no time.") from error
        return {**task, "args": tuple(task["args"]), "kwargs": {}, "started": started, "ack_failure": True}


def _is_allowed(func: object, args: object) -> bool:
    return (
        func in ALLOWED
        and isinstance(args, list | tuple)
        and len(args) == 1
        and all(type(arg) is int and 0 < arg < 2**63 for arg in args)
    )


def _save_nothing(_stat: object) -> None:
    return


def _forget_result(task: dict[str, Any], **_signal: Any) -> None:
    """Log a failure (the log is redacted) instead of letting django-q2 store it. The job's row knows what to do."""
    if not task["success"]:
        logger.error("task %s %s failed: %s", task["func"], task["args"], task["result"])
    task["result"], task["success"] = None, True


def install() -> None:
    """Replace the serializer for the whole process, and let nothing of the cluster be stored.

    Its status would go into the cache as a pickle, a failed task with its traceback into a table.
    """
    signing.PickleSerializer = JsonPayload
    status.Stat.save = _save_nothing
    post_execute_in_worker.connect(_forget_result, dispatch_uid="igsite.jobs.forget_result")
