"""What may travel through the queue, and what becomes of everything else."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import signing as django_signing
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.signals import post_execute_in_worker
from django_q.signing import BadSignature, SignedPackage
from django_q.tasks import async_task
from hypothesis import given
from hypothesis import strategies as st

from igsite.jobs.payloads import RUN_STEP, JsonPayload

GOOD: dict[str, Any] = {
    "id": "a" * 32,
    "name": "four-words-of-fun",
    "func": RUN_STEP,
    "args": (17,),
    "kwargs": {},
    "started": datetime(2026, 3, 1, tzinfo=UTC),
    "ack_failure": True,
}


def packed(**changes: Any) -> bytes:
    """A payload as it would lie in the queue, with some fields forged."""
    fields = {"id": "a", "name": "b", "func": RUN_STEP, "args": [17], "started": "2026-03-01T00:00:00+00:00"} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def test_a_task_survives_the_trip() -> None:
    assert SignedPackage.loads(SignedPackage.dumps(GOOD)) == GOOD


@pytest.mark.parametrize(
    "change",
    [
        {"func": "os.system"},
        {"func": "igsite.jobs.runner.enqueue"},
        {"func": ["igsite.jobs.runner.run_step"]},
        {"args": ["rm -rf /"]},
        {"args": []},
        {"args": [1, 2]},
        {"args": [True]},
        {"args": [1.5]},
        {"args": [-1]},
        {"args": [2**63]},
        {"args": None},
        {"started": "yesterday"},
        {"started": 5},
        {"hook": "os.system"},
        {"kwargs": {"shell": True}},
    ],
)
def test_a_forged_payload_is_a_bad_signature(change: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        JsonPayload.loads(packed(**change))


class Bomb:
    """Would run code while it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_a_signed_pickle_is_not_loaded() -> None:
    class Pickles:
        """What django-q2 would have written."""

        def dumps(self, obj: object) -> bytes:
            """A pickle."""
            return pickle.dumps(obj)

        def loads(self, data: bytes) -> object:
            """Not needed here."""
            raise NotImplementedError

    signed = django_signing.dumps(Bomb(), key=Conf.SECRET_KEY, salt=Conf.PREFIX, serializer=Pickles)
    with pytest.raises(BadSignature):
        SignedPackage.loads(signed)


@given(st.binary(max_size=300))
def test_noise_is_a_bad_signature_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(BadSignature):
        JsonPayload.loads(noise)


def test_deep_nesting_is_a_bad_signature() -> None:
    with pytest.raises(BadSignature):
        JsonPayload.loads(b"[" * 200_000)


@pytest.mark.django_db
@pytest.mark.parametrize(("func", "arguments"), [("os.getcwd", ()), (RUN_STEP, ("x",)), (RUN_STEP, (1, 2))])
def test_nothing_else_can_be_put_into_the_queue(func: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="allowed function"):
        async_task(func, *arguments)
    with pytest.raises(ValueError, match="allowed function"):
        async_task(RUN_STEP, 1, secret="x")
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_a_failed_task_leaves_no_row_and_no_traceback() -> None:
    from django_q.brokers import get_broker
    from django_q.monitor import save_task

    task = GOOD | {"result": "Traceback: password=hunter2", "success": False, "stopped": GOOD["started"]}
    post_execute_in_worker.send(sender="django_q", func=None, task=task)
    save_task(task, get_broker())
    assert task["result"] is None
    assert not Task.objects.exists()
