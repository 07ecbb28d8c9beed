"""How much a request may carry. Only exports are large; everything else is refused before it fills a disk.

Django limits what it keeps in memory, not what it writes to temporary files: under ASGI it stores the whole body before
any view is asked, and anybody may send one to the sign-in page.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

SMALL: Final = 10 * 2**20
_FRAME: Final = 2**20  # what surrounds the files in a form
_TOO_LARGE: Final = b"This is more than the site takes."

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def most_bytes(path: str) -> int:
    """The largest body that the address takes."""
    if re.fullmatch(settings.LARGE_UPLOADS, path):
        return int(settings.EXPORT_UPLOAD_MAX_BYTES) + _FRAME
    return SMALL


class LimitedUploads(FileUploadHandler):
    """First of the upload handlers: looks at the size that the request claims, and takes no file itself."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002 - Django's signature
        META: Any,  # noqa: N803
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: Any = None,  # noqa: ARG002
    ) -> None:
        """Raises ``RequestDataTooBig`` before anything is read."""
        if content_length > most_bytes(str(META.get("PATH_INFO", ""))):
            raise RequestDataTooBig(_TOO_LARGE.decode())

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002
        """On to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        """Another handler has the file."""
        return


class LimitedBodies:
    """ASGI: refuses a body that is announced as too large, and hangs up on one that turns out to be."""

    def __init__(self, application: Callable[[Any, Receive, Send], Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Answer 413 at once, or pass on what is counted."""
        most = most_bytes(scope["path"])
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": _TOO_LARGE})
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            return {"type": "http.disconnect"} if came > most else message

        await self.application(scope, counted, send)
