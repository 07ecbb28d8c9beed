"""Browser files: only what is listed leaves node_modules, and nothing breaks when npm brought none of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from igsite.static_files import NODE_FILES, HashedStorage, NodeModulesFinder, missing_node_files
from tests.site_process import ROOT


@pytest.fixture
def modules(tmp_path: Path) -> Iterator[Path]:
    """A node_modules with every listed file and one secret beside them."""
    folder = tmp_path / "node_modules"
    for name in NODE_FILES.values():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("//# sourceMappingURL=not-published.map\n")
    (folder / "idiomorph" / "secret.js").write_text("never")
    with override_settings(NODE_MODULES=folder):
        yield folder


def test_only_listed_files_are_found(modules: Path) -> None:
    finder = NodeModulesFinder()
    listed = [name for name, _ in finder.list(None)]
    assert listed == list(NODE_FILES)
    assert finder.find("vendor/sigma/sigma.min.js") == str(modules / "sigma/dist/sigma.min.js")
    for name in ("idiomorph/secret.js", "vendor/idiomorph/secret.js", "vendor/idiomorph/../../idiomorph/secret.js"):
        assert not finder.find(name)
    assert finder.check() == []


def test_missing_files_are_a_warning_with_the_command_that_brings_them(settings: Any, tmp_path: Path) -> None:
    settings.NODE_MODULES = tmp_path
    assert len(missing_node_files()) == len(NODE_FILES)
    [warning] = NodeModulesFinder().check()
    assert "manage.py assets" in str(warning.hint)


@pytest.mark.parametrize("with_npm", [True, False])
def test_everything_is_collected_with_and_without_npm(with_npm: bool, modules: Path, tmp_path: Path) -> None:
    root = tmp_path / "static"
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "igsite.static_files.HashedStorage"},
    }
    node_modules = modules if with_npm else tmp_path / "none"
    with override_settings(NODE_MODULES=node_modules, STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
        storage = HashedStorage()
        font = storage.url("vendor/inter/inter-latin-wght-normal.woff2")
        style = (root / storage.stored_name("app/font.css")).read_text()
    hashed = re.compile(r"inter-latin-wght-normal\.[0-9a-f]{12}\.woff2")
    assert bool(hashed.search(font)) is with_npm
    assert bool(hashed.search(style)) is with_npm
    assert not list(root.rglob("secret*"))
    assert (root / "app" / "live.js.gz").exists() or (root / "app" / "live.js.br").exists()


def test_our_own_modules_import_hashed_names(modules: Path, tmp_path: Path) -> None:
    root = tmp_path / "static"
    storages = {"staticfiles": {"BACKEND": "igsite.static_files.HashedStorage"}}
    with override_settings(STATIC_ROOT=root, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
        collected = [(root / HashedStorage().stored_name(f"app/{file.name}")).read_text() for file in OUR_MODULES]
    imports = [name for text in collected for name in re.findall(r'(?:from|import)\s*"\./([^"]+)"', text)]
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imports)


OUR_MODULES = sorted((ROOT / "static" / "app").glob("*.js"))


def test_the_lock_file_names_versions_and_no_addresses() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in lock
    assert '"resolved"' not in lock
