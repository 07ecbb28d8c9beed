"""The drill: a backup of a running site becomes a site again, and the same one."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from igsite.embedded import DATABASE, EmbeddedServer, remove
from tests.site_person import PASSWORD, SitePerson
from tests.site_process import SiteProcess, open_temporary_folder

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(500)]
LOGIN = "select status, reads_resume_at > now() + interval '23 hours', status_note from accounts_instagramlogin"
OPENS = (
    "from accounts.models import InstagramLogin; from accounts import login_secrets;"
    "print(sorted(login_secrets.opened_json(InstagramLogin.objects.get(), 'session_sealed')))"
)


def manage(site: SiteProcess, *arguments: str) -> str:
    """A command that must succeed, or the test says why it did not."""
    try:
        return site.manage(*arguments)
    except subprocess.CalledProcessError as error:
        raise AssertionError(error.stderr[-3000:]) from error


class Drill:
    """A site with a login and two scans, its backup, and what it knew then."""

    def __init__(self, site: SiteProcess, folder: Path) -> None:
        self.folder, self.file = folder, folder / "site.tar"
        self.person = SitePerson(site.base_url).sign_up()
        self.person.hand_over_login()
        self.scan = self.person.scan("tiny.pottery")
        self.people = self.person.people(self.scan)
        running = self.person.start_scan("aurora.studio")  # the backup is made in its midst
        self.said = manage(site, "backup", str(self.file))
        self.session = manage(site, "shell", "-c", OPENS)
        self.person.wait_for_end(running)
        self.master_key = (site.state_dir / "master_key").read_bytes()


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    with open_temporary_folder() as folder:
        with SiteProcess(folder, IGSITE_PACE_PERCENT="0") as site:
            drill = Drill(site, folder)
        yield drill


def fresh(folder: Path, drill: Drill) -> SiteProcess:
    """Another machine: nothing on it but the program and the master key."""
    site = SiteProcess(folder)
    site.state_dir.mkdir(mode=0o711)
    (site.state_dir / "master_key").write_bytes(drill.master_key)
    (site.state_dir / "master_key").chmod(0o600)
    return site


def refused(site: SiteProcess, *arguments: str) -> str:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        site.manage(*arguments)
    return str(caught.value.stderr)


def sql(site: SiteProcess, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(EmbeddedServer(site.state_dir).superuser_dsn(DATABASE)) as link:
        return link.execute(statement.encode()).fetchall()


def test_a_backup_becomes_the_same_site_on_another_machine(drill: Drill) -> None:
    with open_temporary_folder() as folder:
        site = fresh(folder, drill)
        try:
            said = manage(site, "restore", str(drill.file))
            assert "is whole" in said
            assert "tables are equal" in said
            with site:
                person = SitePerson(site.base_url)
                person.email = drill.person.email
                assert person.people(drill.scan) == drill.people
                assert manage(site, "shell", "-c", OPENS) == drill.session
                assert sql(site, "select count(*) from django_session") == [(0,)]  # nobody is signed in
                ((status, rests, note),) = sql(site, LOGIN)
                assert (status, rests) == ("ready", True)
                assert "backup" in note
                assert "There is data already" in _stopped(site, drill)
        finally:
            remove(site.state_dir)


def _stopped(site: SiteProcess, drill: Drill) -> str:
    """While it runs nothing is restored; stopped, only by --replace, and what stood is kept beside the backup."""
    assert "The site runs" in refused(site, "restore", str(drill.file))
    site.stop()
    said = refused(site, "restore", str(drill.file))
    manage(site, "restore", "--replace", str(drill.file))
    assert list(drill.folder.glob("before-restore-*.tar"))
    site.start()
    return said


def test_a_backup_holds_no_key_and_no_password(drill: Drill) -> None:
    with tarfile.open(drill.file) as archive:
        names = archive.getnames()
        said = json.loads(archive.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert not [name for name in names if "master_key" in name or "secret_key" in name]
    assert said["tables"]["accounts_user"]["rows"] == 1
    assert "django_session" not in said["tables"]
    assert drill.file.stat().st_mode & 0o777 == 0o600
    whole = drill.file.read_bytes()
    assert drill.master_key.strip() not in whole
    assert PASSWORD.encode() not in whole


@pytest.mark.parametrize("harm", ["cut", "flipped", "no backup at all"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(drill: Drill, harm: str, open_folder: Path) -> None:
    broken = open_folder / "broken.tar"
    shutil.copy(drill.file, broken)
    whole = broken.read_bytes()
    middle = whole.index(b"PGDMP") + 5_000
    broken.write_bytes({
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "no backup at all": b"hello",
    }[harm])  # fmt: skip
    site = fresh(open_folder, drill)
    try:
        assert "broken.tar" in refused(site, "restore", str(broken))
    finally:
        remove(site.state_dir)


def test_a_backup_overwrites_nothing_and_leaves_no_half_file(drill: Drill, open_folder: Path) -> None:
    site = SiteProcess(open_folder)
    taken = open_folder / "taken.tar"
    taken.write_text("mine")
    assert "exists" in refused(site, "backup", str(taken))
    assert taken.read_text() == "mine"
    refused(site, "backup", str(open_folder / "new.tar"))  # its database does not run
    assert sorted(file.name for file in open_folder.glob("*.tar")) == ["taken.tar"]
    assert not list(open_folder.glob(".backup-*"))
