"""Hostile pictures: whatever is no picture is refused, whatever is one is written anew."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scans.picture_codec import EDGE, SMALLER, NotAPicture, small_webp, smaller


def encoded(kind: str, size: tuple[int, int] = (320, 200), mode: str = "RGB", **more: object) -> bytes:
    """A picture as somebody's file."""
    made = BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P") else (200, 30, 30, 128)[: len(mode)]).save(made, kind, **more)
    return made.getvalue()


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 10_000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGBA")],
)
def test_pictures_become_a_small_square(kind: str, mode: str) -> None:
    data = encoded(kind, mode=mode) if mode != "1" else encoded("PNG", mode="L")
    with Image.open(BytesIO(small_webp(data))) as made:
        assert (made.format, made.size) == ("WEBP", (EDGE, EDGE))


@pytest.mark.parametrize("edge", SMALLER)
def test_a_stored_square_can_be_had_smaller(edge: int) -> None:
    with Image.open(BytesIO(smaller(small_webp(encoded("JPEG")), edge))) as made:
        assert (made.format, made.size) == ("WEBP", (edge, edge))


def test_a_stored_file_that_cannot_be_read_stays_as_it_is() -> None:
    assert smaller(b"RIFF", 48) == b"RIFF"


def test_nothing_that_somebody_wrote_into_the_file_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 52.1 N"
    data = encoded("JPEG", exif=exif, comment=b"<script>alert(1)</script>") + b"<script>alert(2)</script>"
    made = small_webp(data)
    assert b"script" not in made
    assert b"home" not in made
    with Image.open(BytesIO(made)) as picture:
        assert not picture.getexif()


def test_a_picture_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = Image.new("RGB", (40, 40), (255, 0, 0))
    upright.paste((0, 0, 255), (0, 20, 40, 40))
    made = BytesIO()
    upright.save(made, "JPEG", exif=exif, quality=95)
    with Image.open(BytesIO(small_webp(made.getvalue()))) as picture:
        red, _green, blue = picture.convert("RGB").getpixel((EDGE - 8, EDGE // 2))  # type: ignore[misc]
        assert red > blue


def test_only_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "green", "blue")]
    made = BytesIO()
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:])
    with Image.open(BytesIO(small_webp(made.getvalue()))) as picture:
        assert getattr(picture, "n_frames", 1) == 1


@pytest.mark.parametrize("size", [(30_000, 30_000), (60_000, 60_000), (2_049, 2_048), (1, 9_000_000)])
def test_bombs_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(NotAPicture):
        small_webp(bomb_png(*size))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"%PDF-1.7",
        encoded("GIF", mode="P"),
        encoded("BMP"),
        encoded("TIFF"),
        encoded("JPEG")[:200],
        encoded("PNG")[:60],
        bomb_png(100, 100),
        encoded("ICO"),
    ],
    ids=["empty", "html", "svg", "pdf", "gif", "bmp", "tiff", "cut jpeg", "cut png", "lying png", "ico"],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        small_webp(data)


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=40), at=st.integers(0, 800), kind=st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_damage_anywhere_is_a_picture_or_a_refusal_and_nothing_else(noise: bytes, at: int, kind: str) -> None:
    data = bytearray(encoded(kind, (60, 40)))
    data[at % len(data) : at % len(data) + len(noise)] = noise
    with suppress(NotAPicture):
        assert small_webp(bytes(data))[:4] == b"RIFF"
