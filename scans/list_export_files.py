"""The files of exports in the site's file storage: lines gathered while a job runs, then the file that is fetched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

from django.core.files.storage import default_storage

from scans import sheet_writing
from scans.models.list_exports import ExportFormat

#: How each format writes rows as lines, and a file of what was gathered of them.
_FORMATS: Final = {
    ExportFormat.CSV: (sheet_writing.csv_lines, sheet_writing.frame_csv),
    ExportFormat.JSON: (sheet_writing.json_lines, sheet_writing.frame_json),
    ExportFormat.XLSX: (sheet_writing.xlsx_lines, sheet_writing.frame_xlsx),
}
#: Formats whose frame counts the lines.
_BY_LINE: Final = frozenset({ExportFormat.XLSX})
#: Bytes that are read at once, and how often of them there is a sign of life.
_PART: Final = 1 << 18
_BREATH: Final = 32


def _root() -> Path:
    return Path(default_storage.path("exports"))


def _folder(export_id: UUID) -> Path:
    return _root() / export_id.hex


def path_of(export_id: UUID) -> Path:
    """The finished file."""
    return _folder(export_id) / "file"


def _gathered(export_id: UUID) -> Path:
    return _folder(export_id) / "lines"


def holds(export_id: UUID, offset: int) -> bool:
    """Whether all that was gathered up to ``offset`` is still there."""
    path = _gathered(export_id)
    return offset == 0 or (path.is_file() and path.stat().st_size >= offset)


def told(format_: ExportFormat, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as lines of the format."""
    return "".join(_FORMATS[format_][0](heading, rows))


def gather(export_id: UUID, offset: int, lines: str) -> int:
    """Keep lines behind ``offset``; whatever lay there is of a step that died. Returns the new end."""
    _folder(export_id).mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(_gathered(export_id)) as file:
        file.truncate(offset)
        file.seek(offset)
        file.write(lines.encode("utf-8", "replace"))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def finish(export_id: UUID, format_: ExportFormat, heading: Sequence[str], breathe: Callable[[], None]) -> int:
    """Write the file out of what was gathered: whole or not at all. Returns its bytes."""
    unfinished = _folder(export_id) / "unfinished"
    _folder(export_id).mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(unfinished) as file:
        file.truncate(0)
        _lines, frame = _FORMATS[format_]
        frame(file, heading, _kept(export_id, breathe, by_line=format_ in _BY_LINE))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path_of(export_id))
    _gathered(export_id).unlink(missing_ok=True)
    return path_of(export_id).stat().st_size


def _kept(export_id: UUID, breathe: Callable[[], None], *, by_line: bool) -> Iterator[bytes]:
    """What was gathered, in pieces, or line by line."""
    if not _gathered(export_id).is_file():
        return
    with _gathered(export_id).open("rb") as file:
        read = file.readlines if by_line else partial(_piece, file)
        for number, parts in enumerate(iter(lambda: read(_PART), []), 1):
            if number % _BREATH == 0:
                breathe()
            yield from parts


def _piece(file: BinaryIO, size: int) -> list[bytes]:
    part = file.read(size)
    return [part] if part else []


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def delete(export_id: UUID) -> None:
    """Away with everything of the export."""
    shutil.rmtree(_folder(export_id), ignore_errors=True)
