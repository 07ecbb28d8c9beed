"""One simulator for all tests of a worker, as new for each test."""

from collections.abc import Iterator

import pytest

from tests.simulator.client import RoutedClient
from tests.simulator.process import Simulator


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    simulator = Simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(running_simulator: Simulator) -> Simulator:
    running_simulator.post("reset")
    return running_simulator


@pytest.fixture
def creator(simulator: Simulator) -> RoutedClient:
    """A client signed in as demo_creator."""
    client = RoutedClient(simulator.url)
    client.login("demo_creator", "demo-pass-1")
    return client
