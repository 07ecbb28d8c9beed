"""Channels stays behind one door."""

from __future__ import annotations

import ast

from tests.site_process import ROOT

DOOR = {"igsite/asgi.py", "igsite/live.py", "igsite/live_socket.py"}


def test_only_the_live_modules_import_channels() -> None:
    importers = set()
    for folder in ("igsite", "accounts", "scans", "monitoring", "automation"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "channels" for name in names):
                    importers.add(file.relative_to(ROOT).as_posix())
    assert importers == DOOR
