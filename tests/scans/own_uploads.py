"""A folder of its own for the uploads of one test: what another left waiting is not its concern."""

from __future__ import annotations

from pathlib import Path

import pytest

from scans import export_files


@pytest.fixture(autouse=True)
def uploads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where uploaded files are kept during the test."""
    folder = tmp_path / "uploads"
    monkeypatch.setattr(export_files, "_root", lambda: folder)
    return folder
