"""A file as an answer, streamed by both kinds of servers: an asynchronous one would read a plain file whole first."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

_CHUNK: Final = 256 * 1024


def attachment(request: HttpRequest, path: Path, name: str) -> StreamingHttpResponse | None:
    """The file to be saved under ``name``; None when it is not there."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    parts = _later(file) if isinstance(request, ASGIRequest) else _parts(file)
    response = StreamingHttpResponse(parts, content_type="application/octet-stream")
    response.headers["Content-Length"] = str(os.fstat(file.fileno()).st_size)
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _parts(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while part := file.read(_CHUNK):
            yield part


async def _later(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while part := await sync_to_async(file.read, thread_sensitive=False)(_CHUNK):
            yield part
