"""What all tests share: one Postgres of their own, no network but loopback, and a whole site on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from django.conf import settings

from tests.database_server import TestDatabase
from tests.loopback_only import forbid_the_network

# At import, not in a hook: conftest files further down may import models.
DATABASE = TestDatabase()
forbid_the_network()
django.setup()
# Argon2 takes 0.1 s a password on purpose; the tests sign in a thousand times and guard no secret.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

from tests.emptied_tables import teach_django  # noqa: E402 - after the environment is made
from tests.people import cast  # noqa: E402, F401 - a fixture for all
from tests.site_process import SiteProcess, open_temporary_folder  # noqa: E402 - after the environment is made

teach_django()


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the database server before any worker connects."""
    if not (config.option.help or config.option.version or config.option.collectonly):
        DATABASE.start()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the whole site run first, and so (--dist worksteal) one after the other in one worker, on one site: they
    are the longest row. The others go through the rest, and take from this one's end."""
    items.sort(key=lambda item: "live_site" not in getattr(item, "fixturenames", ()))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Like tmp_path, and other accounts pass through it: under root the database server is not root."""
    with open_temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def live_site() -> Iterator[SiteProcess]:
    """The whole demo site as people start it (``manage.py up``), with its own data and free ports."""
    with open_temporary_folder() as folder, SiteProcess(folder) as site:
        yield site
