"""The project's own files, as the tests of its shape read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("igsite", "accounts", "scans", "monitoring", "automation")
PACKAGES = (*APPS, "simulator", "tests", "benchmarks")


@lru_cache(maxsize=1)
def modules() -> tuple[Path, ...]:
    """Every module but the migrations, relative to the root."""
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    found += [ROOT / "run.py", ROOT / "manage.py"]
    return tuple(path.relative_to(ROOT) for path in sorted(found) if path.exists() and "migrations" not in path.parts)


def templates() -> tuple[Path, ...]:
    """Every template, relative to the root."""
    return tuple(path.relative_to(ROOT) for path in sorted((ROOT / "templates").rglob("*")) if path.is_file())


def text(path: Path) -> str:
    """A file's text."""
    return (ROOT / path).read_text(encoding="utf-8")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods and inner ones too."""
    for node in ast.walk(ast.parse(text(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from ``def`` to its end, its docstring not counted."""
    first = node.body[0]
    docstring = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        docstring = (first.end_lineno or first.lineno) - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - docstring
