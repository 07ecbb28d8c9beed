"""Exports as Instagram has written them over the years, built in memory."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from accounts.gateway.export_zip import ExportPart

FOLDER = "connections/followers_and_following/"
NAME = "instagram-aurora.studio-2026-11-20-a1B2c3D4.zip"
FOLLOWED = 1_700_000_000


def v1(name: str, timestamp: int = FOLLOWED) -> dict[str, Any]:
    """The first shape."""
    link = f"https://www.instagram.com/{name}"
    return {
        "title": "",
        "media_list_data": [],
        "string_list_data": [{"href": link, "value": name, "timestamp": timestamp}],
    }


def v2(name: str, timestamp: int = FOLLOWED) -> dict[str, Any]:
    """The second: the name is the title."""
    link = f"https://www.instagram.com/_u/{name}"
    return {"title": name, "string_list_data": [{"href": link, "timestamp": timestamp}]}


def v3(name: str, timestamp: int = FOLLOWED) -> dict[str, Any]:
    """The third: labels in the language of the person."""
    values = [
        {"label": "Name", "value": "Jürgen".encode().decode("latin-1")},
        {"label": "Адрес", "value": f"https://www.instagram.com/{name}", "href": f"https://www.instagram.com/{name}"},
        {"label": "Benutzername", "value": "something else"},
    ]
    return {"timestamp": timestamp, "media": [], "label_values": values, "fbid": "17841400000000000"}


def page(*names: str) -> bytes:
    """The HTML variant."""
    rows = "".join(
        f'<div class="pam"><a target="_blank" href="https://www.instagram.com/{name}">{name}</a>'
        "<div>20 nov. 2026, 14:03</div></div>"
        for name in names
    )
    return f'<html><body><a href="https://help.instagram.com/">?</a>{rows}</body></html>'.encode()


def zipped(files: dict[str, Any], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """A ZIP of ``files``; what is no bytes becomes JSON."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for path, content in files.items():
            archive.writestr(path, content if isinstance(content, bytes) else json.dumps(content))
    stream.seek(0)
    return stream


def part(files: dict[str, Any], name: str = NAME) -> ExportPart:
    """One uploaded part."""
    return ExportPart(name, zipped(files))
