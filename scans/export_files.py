"""The uploaded files of exports, between the upload and the job that reads them: in the site's file storage, closed to
other accounts of the machine, and gone as soon as they were read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.core.files.storage import default_storage

from accounts.gateway.export_zip import ExportPart


def _root() -> Path:
    return Path(default_storage.path("uploads"))


def _folder(upload_id: UUID) -> Path:
    return _root() / upload_id.hex


def write(upload_id: UUID, parts: Sequence[ExportPart]) -> None:
    """Keep the files, numbered: nothing that a browser calls them becomes a path. Leaves nothing behind if it fails."""
    folder = _folder(upload_id)
    try:
        folder.mkdir(parents=True, mode=0o700)
        for number, part in enumerate(parts):
            part.file.seek(0)
            handle = os.open(folder / str(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as target:
                shutil.copyfileobj(part.file, target, 1 << 20)
    except BaseException:
        delete(upload_id)
        raise


@contextmanager
def opened(upload_id: UUID, names: Sequence[str]) -> Iterator[list[ExportPart]]:
    """The files as parts of an export, under the names that they came with. Raises ``FileNotFoundError``."""
    with ExitStack() as stack:
        folder = _folder(upload_id)
        files: list[BinaryIO] = [stack.enter_context((folder / str(n)).open("rb")) for n in range(len(names))]
        yield [ExportPart(name, file) for name, file in zip(names, files, strict=True)]


def delete(upload_id: UUID) -> None:
    """Away with the files, if there are any."""
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


def kept_since_before(moment: datetime) -> list[UUID]:
    """The uploads whose files have lain there since before ``moment``."""
    try:
        folders = list(_root().iterdir())
    except FileNotFoundError:
        return []
    return [UUID(folder.name) for folder in folders if folder.stat().st_mtime < moment.timestamp()]
