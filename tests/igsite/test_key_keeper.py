"""The keeper of keys: in memory only, for this account only, until a time or until told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from igsite import key_keeper
from igsite.key_keeper import Keeper, KeeperAway

pytestmark = pytest.mark.skipif(not key_keeper.POSSIBLE, reason="this system has no Unix sockets")


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(tmp_path: Path, settings: Settings, clock: Clock) -> Iterator[Keeper]:
    settings.STATE_DIR = tmp_path
    keeper = Keeper(tmp_path, clock)
    assert keeper.start()
    yield keeper
    keeper.stop()


def socket_of(folder: Path) -> Path:
    return key_keeper._folder(folder) / "socket"


def test_a_key_is_held_until_its_time_is_over(keeper: Keeper, clock: Clock) -> None:
    key_keeper.hold({"a": b"\x00\xff" * 16}, seconds=900)
    assert key_keeper.held_key("a") == b"\x00\xff" * 16
    assert key_keeper.held_key("b") is None
    clock.time += 899
    assert key_keeper.held().seconds_left == 1
    clock.time += 1
    assert key_keeper.held_key("a") is None
    assert not key_keeper.held().names


def test_forgetting_takes_one_key_or_all(keeper: Keeper) -> None:
    key_keeper.hold({"a": b"1", "b": b"2"}, None)
    key_keeper.forget(["a"])
    assert key_keeper.held() == key_keeper.Held(frozenset({"b"}), None)
    key_keeper.forget()
    assert not key_keeper.held().names


def test_other_processes_of_the_site_get_the_key(keeper: Keeper, tmp_path: Path) -> None:
    key_keeper.hold({"a": b"shared"}, None)
    asks = "import django; django.setup(); from igsite import key_keeper; print(key_keeper.held_key('a'))"
    environment = {**os.environ, "IGSITE_STATE_DIR": str(tmp_path)}
    answer = subprocess.run([sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "b'shared'"


def test_without_a_keeper_that_is_said_and_nothing_hangs(tmp_path: Path, settings: Settings) -> None:
    settings.STATE_DIR = tmp_path
    with pytest.raises(KeeperAway):
        key_keeper.held_key("a")
    assert not list(tmp_path.iterdir())


def test_a_keeper_that_ended_forgot_everything(tmp_path: Path, settings: Settings) -> None:
    settings.STATE_DIR = tmp_path
    first = Keeper(tmp_path)
    assert first.start()
    key_keeper.hold({"a": b"1"}, None)
    first.stop()
    with pytest.raises(KeeperAway):
        key_keeper.held()
    second = Keeper(tmp_path)
    assert second.start()
    assert not key_keeper.held().names
    second.stop()


def test_one_process_keeps_keys_at_a_time(keeper: Keeper, tmp_path: Path) -> None:
    key_keeper.hold({"a": b"1"}, None)
    assert Keeper(tmp_path).start() is False
    assert key_keeper.held_key("a") == b"1"


def test_a_socket_that_a_killed_keeper_left_is_replaced(tmp_path: Path, settings: Settings) -> None:
    settings.STATE_DIR = tmp_path
    address = socket_of(tmp_path)
    address.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(address))
    keeper = Keeper(tmp_path)
    assert keeper.start()
    assert not key_keeper.held().names
    keeper.stop()


def test_nobody_else_may_enter_the_folder(keeper: Keeper, tmp_path: Path) -> None:
    folder = socket_of(tmp_path).parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert socket_of(tmp_path).stat().st_mode & 0o777 == 0o600
    folder.chmod(0o711)
    with pytest.raises(KeeperAway, match="chmod 700"):
        key_keeper.hold({"a": b"1"}, None)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")
def test_another_account_gets_no_answer(keeper: Keeper, tmp_path: Path) -> None:
    """Even when it is in the folder already and the socket lets it in: the keeper looks who asks."""
    key_keeper.hold({"a": b"mine"}, None)
    socket_of(tmp_path).chmod(0o666)
    socket_of(tmp_path).parent.chmod(0o711)
    asks = (
        "import os, socket\n"
        f"os.chdir({str(socket_of(tmp_path).parent)!r})\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "link = socket.socket(socket.AF_UNIX)\n"
        "link.connect('socket')\n"
        "try:\n"
        '    link.sendall(b\'{"do": "get", "name": "a"}\\n\')\n'
        "    print('said', link.recv(100))\n"
        "except (ConnectionResetError, BrokenPipeError): print('said', b'')\n"
    )
    answer = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    socket_of(tmp_path).parent.chmod(0o700)
    assert answer.stdout.strip() == "said b''", answer.stderr
    assert key_keeper.held_key("a") == b"mine"


def test_nonsense_gets_no_key_and_does_no_harm(keeper: Keeper, tmp_path: Path) -> None:
    key_keeper.hold({"a": b"1"}, None)
    for line in (b"\n", b"not json\n", b"[]\n", b'{"do": "put"}\n', b'{"do": "get", "name": 7}\n', b"x" * 20_000):
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            link.connect(str(socket_of(tmp_path)))
            link.sendall(line)
            link.shutdown(socket.SHUT_WR)
            try:
                said = link.recv(100)
            except ConnectionResetError:
                said = b""
            assert said == b"" or json.loads(said) == {"error": "unknown"}
    assert key_keeper.held_key("a") == b"1"
