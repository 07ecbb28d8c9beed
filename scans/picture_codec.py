"""Whatever came as a picture becomes a small square WebP of ours, or is refused. No Django, no network.

Nothing is served that somebody else wrote: no metadata, no second frame, no file that is two kinds at once.
"""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

#: Edge of the stored square in pixels: the largest that a page shows, 64, on a screen of three pixels a point.
EDGE: Final = 192
#: What is taken: enough for any profile picture, decoded in a quarter of a second.
MOST_PIXELS: Final = 2_048 * 2_048
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_QUALITY: Final = 80
_SMALL_QUALITY: Final = 60
#: Edges in pixels that a stored square can be had in: a disc of a list on screens of one and of two pixels a point.
SMALLER: Final = (48, 96)


class NotAPicture(ValueError):
    """The bytes are no picture that is safe and able to be shown."""


def small_webp(data: bytes) -> bytes:
    """``data`` (JPEG, PNG or WebP) as a WebP of ``EDGE`` × ``EDGE`` pixels, cut to a square around its middle.

    Raises:
        NotAPicture: another format, damaged, or with more than ``MOST_PIXELS``; nothing was decoded then.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=_FORMATS) as picture:
                return _encoded(picture)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("not a picture") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, OverflowError, MemoryError) as error:
        raise NotAPicture("a damaged picture") from error


def smaller(data: bytes, edge: int) -> bytes:
    """The stored square of :func:`small_webp` with an ``edge`` of :data:`SMALLER`; as it is if it cannot be read."""
    try:
        with Image.open(BytesIO(data), formats=("WEBP",)) as picture:
            made = BytesIO()
            picture.resize((edge, edge), Image.Resampling.LANCZOS).save(made, "WEBP", quality=_SMALL_QUALITY, method=6)
            return made.getvalue()
    except (OSError, ValueError):
        return data


def _encoded(picture: Image.Image) -> bytes:
    width, height = picture.size
    if not 0 < width * height <= MOST_PIXELS:
        raise NotAPicture("too many pixels")
    picture.draft("RGB", (2 * EDGE, 2 * EDGE))  # a large JPEG is decoded at a fraction of its size
    upright = ImageOps.exif_transpose(picture)
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    square = ImageOps.fit(upright.convert("RGBA" if has_alpha else "RGB"), (EDGE, EDGE), Image.Resampling.LANCZOS)
    made = BytesIO()
    square.save(made, "WEBP", quality=_QUALITY, method=4, exif=b"", xmp=b"", icc_profile=b"")
    return made.getvalue()
