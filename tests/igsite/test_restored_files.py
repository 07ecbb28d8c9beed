"""The kept files of a backup go to their own folder and nowhere else, whatever the archive says."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from django.conf import LazySettings

from igsite.backup import BackupError
from igsite.restoring import _bring_files


def bring(*members: tarfile.TarInfo) -> int:
    """The archive of these members, each of three bytes unless it is a link."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for member in members:
            member.size = 3 if member.isfile() else 0
            archive.addfile(member, io.BytesIO(b"new"))
    whole.seek(0)
    with tarfile.open(fileobj=whole) as archive:
        return _bring_files(archive)


def link(name: str, to: Path) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, str(to)
    return member


def test_files_are_back_in_their_place_over_what_stood_there(settings: LazySettings, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "old").write_text("older and longer")
    wanted = [tarfile.TarInfo(name) for name in ("files/old", "files/imports/one.zip", "manifest.json")]
    assert bring(*wanted, link("files/link", tmp_path)) == 2
    found = {str(file.relative_to(tmp_path)): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    assert found == {"files/old": "new", "files/imports/one.zip": "new"}


@pytest.mark.parametrize("name", ["files/../master_key", "files/../../outside", "files/away/inside"])
def test_a_way_out_of_the_folder_is_refused(settings: LazySettings, tmp_path: Path, name: str) -> None:
    settings.STATE_DIR = tmp_path / "state"
    (settings.STATE_DIR / "files").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (settings.STATE_DIR / "files" / "away").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BackupError, match="leads out of"):
        bring(tarfile.TarInfo(name))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
