"""One world for a whole module of sweeps: thousands of tests look at it, and each ends where it began."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.architecture.world import World, build
from tests.people import make_cast


@pytest.fixture(scope="module")
def standing_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A workspace full of rows, in a transaction around the module: what a test writes ends with the test's savepoint.

    Only for tests that change no object of the world in memory.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        world = build(make_cast())
        world.sign_everybody_in()
        yield world
        transaction.set_rollback(True)
