"""The files of the picture cache: one WebP a person, in the site's file storage. Losing them loses no truth."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from django.core.files.storage import default_storage


def path_of(profile_id: int) -> Path:
    """Where the picture of a person is kept, if it is. The name is made of the number alone."""
    return Path(default_storage.path("pictures")) / f"{profile_id % 256:02x}" / f"{int(profile_id)}.webp"


def write(profile_id: int, data: bytes) -> None:
    """Keep a picture: whole or not at all, whatever happens meanwhile."""
    target = path_of(profile_id)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def read(profile_id: int) -> bytes | None:
    """The kept picture; None when there is none."""
    try:
        return path_of(profile_id).read_bytes()
    except OSError:
        return None


def delete(profile_id: int) -> None:
    """Forget the file, if it is there."""
    with contextlib.suppress(OSError):
        path_of(profile_id).unlink()
