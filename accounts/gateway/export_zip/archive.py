"""Named members of a ZIP that somebody uploaded: nothing is extracted, and everything is counted while it is read.

What the directory of a ZIP says about sizes is a claim. The caps below count bytes that really came out.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from accounts.gateway.errors import ExportUnreadable

#: Caps. A full export of an account with a million followers stays well below each.
MAX_DIRECTORY_BYTES = 64 * 1024 * 1024
MAX_MEMBERS_READ = 2_000
MAX_MEMBER_BYTES = 64 * 1024 * 1024
MAX_TOTAL_BYTES = 1024 * 1024 * 1024
MAX_RATIO = 250
_RATIO_FROM = 1024 * 1024

_CHUNK = 64 * 1024
_END_RECORD = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64_RECORD = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 65_535
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError,
    OverflowError, OSError,
)  # fmt: skip


class Reading:
    """How much has been read from all parts of one export."""

    def __init__(self) -> None:
        self.members = 0
        self.total_bytes = 0

    def count_member(self) -> None:
        """Another member is opened."""
        self.members += 1
        if self.members > MAX_MEMBERS_READ:
            raise ExportUnreadable("This ZIP holds more lists than an export of Instagram does.")

    def count_bytes(self, number: int) -> None:
        """So many more bytes came out."""
        self.total_bytes += number
        if self.total_bytes > MAX_TOTAL_BYTES:
            raise ExportUnreadable("The lists in this ZIP are larger than this site reads (1 GB).")


def members(file: BinaryIO, wanted: Callable[[str], bool], reading: Reading) -> Iterator[tuple[str, bytes]]:
    """Path and content of each member whose path is ``wanted``, in the order of the archive.

    Raises:
        ExportUnreadable: no ZIP, a damaged or protected one, or one that grows beyond the caps.
    """
    with _damage_reported():
        _check_directory(file)
        archive = zipfile.ZipFile(file)
    with archive:
        for entry in archive.infolist():
            if not entry.is_dir() and wanted(entry.filename):
                reading.count_member()
                with _damage_reported():
                    content = _content(archive, entry, reading)
                yield entry.filename, content


def names(file: BinaryIO) -> list[str]:
    """The paths in the archive.

    Raises:
        ExportUnreadable: no ZIP, or a damaged one.
    """
    with _damage_reported():
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()


@contextmanager
def _damage_reported() -> Iterator[None]:
    try:
        yield
    except ExportUnreadable:
        raise
    except _DAMAGE as damage:
        detail = type(damage).__name__
        raise ExportUnreadable("This ZIP is damaged. Download it from Instagram again.", detail=detail) from None


def _check_directory(file: BinaryIO) -> None:
    """``zipfile`` builds an object for each entry of the directory: its size is bounded before that."""
    file.seek(0)
    start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - _END_RECORD.size - _LONGEST_COMMENT))
    tail_at = file.tell()
    tail = file.read()
    found = tail.rfind(_END_SIGNATURE)
    if found < 0 or len(tail) - found < _END_RECORD.size:
        raise ExportUnreadable(_what_to_upload(start))
    *_, size, _offset, _comment = _END_RECORD.unpack_from(tail, found)
    if _directory_size(file, tail_at + found, size) > MAX_DIRECTORY_BYTES:
        raise ExportUnreadable("This ZIP holds more files than an export of Instagram does.")


def _directory_size(file: BinaryIO, end_at: int, size: int) -> int:
    if end_at < _END64_LOCATOR.size:
        return size
    file.seek(end_at - _END64_LOCATOR.size)
    signature, _, record_at, _ = _END64_LOCATOR.unpack(file.read(_END64_LOCATOR.size))
    if signature != b"PK\x06\x07":
        return size
    # zipfile takes the record that stands right before its locator; what the locator points to is checked as well.
    sizes = [size if size != 0xFFFFFFFF else 0]
    for at in (end_at - _END64_LOCATOR.size - _END64_RECORD.size, record_at):
        if at < 0:
            continue
        file.seek(at)
        record = file.read(_END64_RECORD.size)
        if len(record) == _END64_RECORD.size and record.startswith(b"PK\x06\x06"):
            sizes.append(_END64_RECORD.unpack(record)[8])
    return max(sizes)


def _what_to_upload(start: bytes) -> str:
    if start.startswith((b"{", b"[", b"<")):
        return "This is a single file of the export. Upload the whole ZIP file as Instagram gave it."
    return "This is not a ZIP file. Upload the ZIP file as Instagram gave it, complete and not unpacked."


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, reading: Reading) -> bytes:
    if entry.flag_bits & 1:
        raise ExportUnreadable("This ZIP is protected by a password. Upload it as Instagram gave it.")
    if entry.compress_type not in _METHODS:
        raise ExportUnreadable("This ZIP was packed again in an unusual way. Upload it as Instagram gave it.")
    content = bytearray()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            content += chunk
            reading.count_bytes(len(chunk))
            _check_growth(len(content), entry.compress_size)
    return bytes(content)


def _check_growth(size: int, packed: int) -> None:
    if size > MAX_MEMBER_BYTES or (size > _RATIO_FROM and size > MAX_RATIO * max(packed, 1)):
        raise ExportUnreadable("A list in this ZIP is larger than an export of Instagram makes it.")
