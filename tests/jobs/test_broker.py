"""The queue in Postgres: order, wake-up, and what happens when the database goes away."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import Error, connection
from django_q.models import OrmQ

from igsite.jobs import broker as brokers
from igsite.jobs.broker import NotifyBroker
from tests.jobs.conftest import kill_own_backend


@pytest.fixture(autouse=True)
def _short_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "IDLE_SECONDS", 0.05)


@pytest.mark.django_db(transaction=True)
def test_bells_come_in_order_and_once_and_urgent_ones_first() -> None:
    broker = NotifyBroker()
    first, second = broker.enqueue("a"), broker.enqueue("b")
    urgent = NotifyBroker(in_front=True).enqueue("c")
    assert broker.queue_size() == 3
    fetched = [broker.dequeue() for _ in range(4)]
    assert fetched == [[(urgent, "c")], [(first, "a")], [(second, "b")], None]
    assert broker.queue_size() == broker.lock_size() == 0


@pytest.mark.django_db(transaction=True)
def test_an_idle_reader_is_woken_by_a_new_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "IDLE_SECONDS", 60.0)
    broker = NotifyBroker()

    def ring_later() -> None:
        time.sleep(0.3)
        NotifyBroker().enqueue("a")
        connection.close()

    ringer = threading.Thread(target=ring_later)
    ringer.start()
    found = broker.dequeue() or broker.dequeue()  # the first may only say: look again
    ringer.join()
    assert [payload for _pk, payload in found or []] == ["a"]


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_is_replaced() -> None:
    broker = NotifyBroker()
    assert broker.dequeue() is None
    kill_own_backend()
    assert broker.dequeue() is None
    kill_own_backend()
    with pytest.raises(Error):
        broker._wait()
    assert broker.dequeue() is None
    broker.enqueue("a")
    assert [payload for _pk, payload in broker.dequeue() or []] == ["a"]


@pytest.mark.django_db(transaction=True)
def test_the_queue_of_another_cluster_is_left_alone() -> None:
    NotifyBroker("somebody-else").enqueue("theirs")
    broker = NotifyBroker()
    assert broker.dequeue() is None
    broker.enqueue("ours")
    assert broker.purge_queue() == 1
    assert OrmQ.objects.get().payload == "theirs"
