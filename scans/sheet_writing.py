"""Rows into files, one at a time and in constant memory: CSV, JSON, and XLSX streamed by hand.

A workbook is a ZIP of XML; written row by row into the archive it costs a few seconds a million, where libraries keep
the rows. Text that a spreadsheet would take for a formula is made plain in CSV and XLSX. Each format has the lines of
its rows, which may be kept until all are there, and a frame that makes the file of them.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

Row = Sequence[Any]
#: Rows of one sheet, its heading included; more go onto further sheets.
SHEET_ROWS: Final = 1_048_576
#: Characters of one cell.
CELL_MOST: Final = 32_767
_FORMULA: Final = frozenset("=+-@\t\r")
_SPACE: Final = frozenset(" \t\r\n")
# What XML 1.0 cannot hold at all.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(value: Any) -> Any:
    """Text that starts like a formula, made plain by a leading apostrophe; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


class _Echo:
    """What csv.writer writes to, so that it gives its lines."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def csv_lines(_heading: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Each row as CSV."""
    told = csv.writer(_Echo()).writerow
    for row in rows:
        yield told([f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value for value in row])


def json_lines(heading: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Each row as an object, a comma before it."""
    for row in rows:
        yield ",\n" + _TOLD(dict(zip(heading, row, strict=True)))


_TOLD: Final = json.JSONEncoder(ensure_ascii=False).encode


def xlsx_lines(_heading: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Each row as a line of a sheet's XML."""
    for row in rows:
        yield f"<row>{''.join(map(_cell, row))}</row>\n"


def frame_csv(target: BinaryIO, heading: Row, parts: Iterable[bytes]) -> None:
    """UTF-8 with a byte order mark, without which Excel misreads it. ``parts`` are the lines, cut anywhere."""
    target.write("".join(csv_lines(heading, [heading])).encode("utf-8-sig"))
    target.writelines(parts)


def frame_json(target: BinaryIO, _heading: Row, parts: Iterable[bytes]) -> None:
    """A list of objects, one a line. ``parts`` are the lines, cut anywhere."""
    target.write(b"[")
    rest = iter(parts)
    target.write(next(rest, b"")[1:])
    target.writelines(rest)
    target.write(b"\n]\n")


def frame_xlsx(target: BinaryIO, heading: Row, lines: Iterable[bytes]) -> None:
    """A workbook with as many sheets as the rows need."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as book:
        sheets, rest = 0, iter(lines)
        first: bytes | None = next(rest, None)
        while sheets == 0 or first is not None:
            sheets += 1
            body = islice(rest, SHEET_ROWS - 2)
            _write_sheet(book, sheets, heading, chain([first] if first is not None else [], body))
            first = next(rest, None)
        for name, content in _frame(sheets):
            book.writestr(name, content)


def _write_sheet(book: zipfile.ZipFile, number: int, heading: Row, lines: Iterator[bytes]) -> None:
    with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
        sheet.write(_SHEET_START + _bytes(xlsx_lines(heading, [heading])))
        while part := b"".join(islice(lines, 1_000)):
            sheet.write(part)
        sheet.write(_SHEET_END)


def _bytes(lines: Iterable[str]) -> bytes:
    return "".join(lines).encode("utf-8", "replace")


def write_csv(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """The whole file at once."""
    frame_csv(target, heading, _encoded(csv_lines(heading, rows)))


def write_json(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """The whole file at once."""
    frame_json(target, heading, _encoded(json_lines(heading, rows)))


def write_xlsx(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """The whole file at once."""
    frame_xlsx(target, heading, _encoded(xlsx_lines(heading, rows)))


def _encoded(lines: Iterable[str]) -> Iterator[bytes]:
    return (line.encode("utf-8", "replace") for line in lines)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    # A number of Instagram has more digits than a spreadsheet keeps: such ones are text.
    if isinstance(value, int) and abs(value) < 10**15:
        return f"<c><v>{value}</v></c>"
    text = str(value)
    # Spaces at the ends are kept only where it is said.
    space = ' xml:space="preserve"' if text[0] in _SPACE or text[-1] in _SPACE else ""
    if not _EASY(text):
        text = escape(_NOT_XML.sub("\ufffd", str(plain(text)))[:CELL_MOST], {"\n": "&#10;"})
    return f'<c t="inlineStr"><is><t{space}>{text}</t></is></c>'


#: Text of which nothing has to be changed, as nearly all is: a third of the work.
_EASY: Final = re.compile(
    "[^-=+@&<>\x00-\x1f\ud800-\udfff\ufffe\uffff][^&<>\x00-\x1f\ud800-\udfff\ufffe\uffff]{0,999}"
).fullmatch

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_SHEET_START: Final = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_SHEET_END: Final = b"</sheetData></worksheet>"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _frame(sheets: int) -> Iterator[tuple[str, str]]:
    """The parts of a workbook beside its sheets."""
    numbers = range(1, sheets + 1)
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{parts}</Types>'
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_RELATIONS}/'
            'officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    named = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        (f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{named}</sheets></workbook>'),
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'),
    )
