"""Rows into files, one at a time and in constant memory: CSV, JSON, and XLSX streamed by hand.

A workbook is a ZIP of XML; written row by row into the archive it costs a few seconds a million, where libraries keep
the rows. Text that a spreadsheet would take for a formula is made plain in CSV and XLSX.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import chain, islice
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

Row = Sequence[Any]
#: Rows of one sheet, its heading included; more go onto further sheets.
SHEET_ROWS: Final = 1_048_576
#: Characters of one cell.
CELL_MOST: Final = 32_767
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# What XML 1.0 cannot hold at all.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(value: Any) -> Any:
    """Text that starts like a formula, made plain by a leading apostrophe; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def write_csv(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """UTF-8 with a byte order mark, without which Excel misreads it."""
    text = TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(heading)
    writer.writerows(["" if value is None else plain(value) for value in row] for row in rows)
    text.flush()
    text.detach()


def write_json(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """A list of objects, one a line."""
    target.write(b"[")
    for number, row in enumerate(rows):
        line = json.dumps(dict(zip(heading, row, strict=True)), ensure_ascii=False)
        target.write((",\n" if number else "\n").encode() + line.encode("utf-8", "replace"))
    target.write(b"\n]\n")


def write_xlsx(target: BinaryIO, heading: Row, rows: Iterable[Row]) -> None:
    """A workbook with as many sheets as the rows need."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as book:
        sheets, rest = 0, iter(rows)
        first: Row | None = next(rest, None)
        while sheets == 0 or first is not None:
            sheets += 1
            body = islice(rest, SHEET_ROWS - 2)
            _write_sheet(book, sheets, heading, chain([first] if first is not None else [], body))
            first = next(rest, None)
        for name, content in _frame(sheets):
            book.writestr(name, content)


def _write_sheet(book: zipfile.ZipFile, number: int, heading: Row, rows: Iterable[Row]) -> None:
    with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
        sheet.write(_SHEET_START)
        lines: list[str] = []
        for row in chain([heading], rows):
            lines.append(f"<row>{''.join(map(_cell, row))}</row>")
            if len(lines) >= 1_000:
                sheet.write("".join(lines).encode("utf-8", "replace"))
                lines.clear()
        sheet.write("".join(lines).encode("utf-8", "replace") + _SHEET_END)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    # A number of Instagram has more digits than a spreadsheet keeps: such ones are text.
    if isinstance(value, int) and abs(value) < 10**15:
        return f"<c><v>{value}</v></c>"
    text = _NOT_XML.sub("\ufffd", str(plain(value)))[:CELL_MOST]
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


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
