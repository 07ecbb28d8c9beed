"""manage.py doctor says what is wrong and what to do about it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from igsite import doctor
from tests.site_process import SiteProcess


@pytest.mark.chaos
def test_a_running_site_is_well(live_site: SiteProcess) -> None:
    def report() -> str:
        return live_site.examine()

    live_site.wait_for(lambda: "ok       work: a job went through" in report(), 60, "the first job went through")
    for name in ("state folder", "master key", "database", "database role", "tables", "vault", "live updates"):
        assert f"ok       {name}:" in report()


@pytest.mark.django_db
def test_a_database_without_workers_says_how_to_start_them() -> None:
    findings = {finding.name: finding for finding in doctor.examine()}
    assert findings["database"].ok
    assert findings["tables"].ok
    assert findings["work"].ok is False
    assert "manage.py up" in findings["work"].sentence


def test_without_a_database_the_rest_is_still_examined(tmp_path: Path) -> None:
    site = SiteProcess(tmp_path)
    site.state_dir.mkdir(mode=0o755)
    report = site.examine()
    assert "NOT OK   database: It does not answer" in report
    assert "Start the site first: manage.py up" in report
    assert "tables" not in report


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="mode bits")
def test_a_state_folder_that_others_can_read_is_found(settings: Any, tmp_path: Path) -> None:
    settings.STATE_DIR = tmp_path
    tmp_path.chmod(0o755)
    assert doctor.state_folder().ok is False
    tmp_path.chmod(0o711)  # the database server's account passes through
    assert doctor.state_folder().ok is True


def test_a_missing_master_key_is_told_without_showing_any(settings: Any, tmp_path: Path) -> None:
    settings.PRODUCTION = True
    settings.MASTER_KEY_FILE = tmp_path / "none"
    finding = doctor.master_key()
    assert finding.ok is False
    assert "generate_env" in finding.sentence
