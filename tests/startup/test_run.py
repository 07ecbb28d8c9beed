"""run.py alone: the standard library is enough for it, and every failure has its advice."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.site_process import ROOT


@pytest.fixture
def run(tmp_path: Path) -> ModuleType:
    """run.py as a module, with its environment elsewhere."""
    spec = importlib.util.spec_from_file_location("run_under_test", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / ".venv"  # type: ignore[attr-defined]
    module.PYTHON = module.VENV / "bin" / "python"  # type: ignore[attr-defined]
    return module


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((ROOT / "run.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)
    isolated = subprocess.run(
        [sys.executable, "-I", "-S", "run.py", "--help"], cwd=ROOT, capture_output=True, check=True
    )
    assert b"python3 run.py test" in isolated.stdout


def test_a_python_without_ensurepip_is_told_which_package_it_lacks(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(SystemExit, match=r"no ensurepip.*apt-get install python3\.\d+-venv"):
        run.make_environment()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("error: command 'gcc' failed: No such file or directory", "build-essential"),
        ("fatal error: Python.h: No such file", "python3-dev"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES: hashes do not match", "Do not go on"),
        ("NewConnectionError: Temporary failure in name resolution", "Look at the network"),
        ("something else", "the lines above say why"),
    ],
)
def test_a_failed_installation_says_what_to_do(run: ModuleType, output: str, advice: str) -> None:
    assert advice in run.advice(output)


def test_what_is_installed_is_not_installed_again(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    run.VENV.mkdir()
    (run.VENV / "igsite-installed").write_text(
        f"{run.digest('requirements.txt')}\n{run.digest('requirements-dev.txt')}"
    )

    def never(*_: object, **__: object) -> None:
        raise AssertionError("pip was started")

    monkeypatch.setattr(run.subprocess, "run", never)
    run.install("requirements.txt")
    run.install("requirements-dev.txt")


def test_a_lock_file_is_installed_as_it_stands(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    run.VENV.mkdir()
    ordered: list[list[str]] = []

    def installed(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ordered.append(command)
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(run.subprocess, "run", installed)
    run.install("requirements.txt")
    assert ordered[0][-4:] == ["--no-deps", "--require-hashes", "-r", "requirements.txt"]


def test_what_is_installed_needs_nothing_that_the_lock_lacks() -> None:
    """`--no-deps` asks that a lock file be whole: pip itself compares what stands with what it needs."""
    checked = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_tests_lock_holds_everything_that_the_sites_lock_holds() -> None:
    def pins(name: str) -> set[str]:
        return {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")
