"""A vault with a passphrase, and the keeper of its key with a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from pytest_django import Settings

from accounts import vault_lock
from accounts.master_key import new_key_text
from accounts.models import User
from accounts.passphrase import Cost
from igsite.key_keeper import Keeper
from igsite.secrets import Secret

WORDS: Final = Secret("seven quiet herons at dusk")
OTHER: Final = Secret("a lantern under the bridge")
NOW: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """The keeper's clock, moved by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def keeper_clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, keeper_clock: Clock
) -> Iterator[Keeper]:
    monkeypatch.setenv("IGSITE_MASTER_KEY", new_key_text())
    # One pass over little memory: these tests type passphrases by the dozen. What is calibrated is tested below.
    monkeypatch.setattr(vault_lock, "cost_for_this_machine", lambda: Cost(1, 64, 1))
    settings.STATE_DIR = tmp_path
    keeper = Keeper(tmp_path, keeper_clock)
    assert keeper.start()
    yield keeper
    keeper.stop()


def put_behind(words: Secret, staff: User | None = None) -> None:
    vault_lock.set_passphrase(new=words, lock_after=None, by=staff, now=NOW)


def restart(keeper: Keeper) -> None:
    """What a restart of the site does to the keys."""
    keeper.stop()
    assert keeper.start()
