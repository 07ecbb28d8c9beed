"""Profile pictures and post images: their addresses, whose signature changes at each fetch, and the images."""

import re
import struct
import zlib

from simulator.mixing import draw, mix

LIFETIME = 3 * 86_400
"""Seconds (simulated) for which an address works: then the CDN answers 403, as the real one does."""
HOST = "scontent-ams2-1.cdninstagram.com"
ANONYMOUS = f"https://{HOST}/v/t51.2885-19/44884218_345707102882519_2446069589734326272_n.jpg"
_FILE = re.compile(r"/v/t51\.[0-9-]+/(\d+)_(\d+)_(\d+)_n\.jpg")
GRID, CELL = 8, 16


def stamp(serial: int, epoch: float) -> str:
    """The signed part of the addresses in one answer; `serial` makes it differ from the last answer's."""
    expires = int(epoch) + LIFETIME
    return f"_nc_cat=1&_nc_ohc=Q7kNv{serial & 0xFFFFFF:06x}&oh=00_AY{mix(serial):016x}&oe={expires:X}&_nc_sid=8b3546"


def picture_url(pk: int, generation: int, signature: str, size: int = 150) -> str:
    name = f"{(pk * 7919) & 0xFFFFFFF}_{pk}_{generation}_n.jpg"
    return f"https://{HOST}/v/t51.2885-19/{name}?stp=dst-jpg_s{size}x{size}&_nc_ht={HOST}&{signature}"


def post_image_url(media_pk: int, signature: str, size: int) -> str:
    name = f"{media_pk & 0xFFFFFFF}_{media_pk}_0_n.jpg"
    return f"https://{HOST}/v/t51.29350-15/{name}?stp=dst-jpg_e35_s{size}x{size}&_nc_ht={HOST}&{signature}"


def is_expired(query: dict[str, str], epoch: float) -> bool:
    try:
        return int(query.get("oe", ""), 16) < epoch
    except ValueError:
        return True


def image_for(path: str) -> bytes | None:
    """The PNG at an address' path, or None when there is none: a symmetric pattern of the person's own."""
    found = _FILE.fullmatch(path)
    if found is None:
        return None
    return _png(draw(int(found[2]), int(found[3])))


def _png(h: int) -> bytes:
    back, front = bytes(200 + (h >> s & 55) for s in (0, 8, 16)), bytes(h >> s & 191 for s in (24, 32, 40))
    pattern = mix(h)
    lines = bytearray()
    for y in range(GRID):
        cells = [pattern >> (y * 4 + min(x, GRID - 1 - x)) & 1 for x in range(GRID)]
        line = b"\x00" + b"".join((front if cell else back) * CELL for cell in cells)
        lines += line * CELL
    side = GRID * CELL
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(lines), 1)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
