"""People as lines of a file, put together by the database in the very statement that finds them.

What most rows are is told in SQL. A row whose text needs more than to be copied (quotes, markup, the beginning of a
formula) comes as JSON behind a mark and is written by :mod:`scans.sheet_writing`, as all others would be: both ways
give the same line, and a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scans.models.list_exports import ExportFormat

#: Before a row that is still to be written. No text that may be copied holds a control character.
_MARK: Final = "\x1f"
_ODD: Final = (
    "chr(31) || json_build_array(r.id, r.username, r.full_name, r.is_private, r.is_verified, r.first_seq) || chr(10)"
)
#: The characters that begin a formula, told of the two texts; tabs and the like are control characters.
_NO_FORMULA: Final = "ascii(r.username) not in (43, 45, 61, 64) and ascii(r.full_name) not in (43, 45, 61, 64)"
_CLEAN: Final = "(r.username || ' ' || r.full_name) !~ '[{}]'"
_NO_EDGE: Final = " and ".join(f"left(r.{c}, 1) <> ' ' and right(r.{c}, 1) <> ' '" for c in ("username", "full_name"))


def _cell(text: str) -> str:
    return f"'<c t=\"inlineStr\"><is><t>' || {text} || '</t></is></c>'"


def _flags(yes: str, no: str, unknown: str, between: str = "") -> str:
    told = [
        f"case {column} when true then '{yes}' when false then '{no}' else '{unknown}' end"
        for column in ("r.is_private", "r.is_verified")
    ]
    return f" || '{between}' || ".join(told) if between else " || ".join(told)


@dataclass(frozen=True, slots=True)
class _Form:
    """A format in SQL: which rows can be told so, their line up to the moment of arrival, and the line's end."""

    easy: str
    start: str
    end: Callable[[str], str]


_FORMS: Final = {
    ExportFormat.CSV: _Form(
        f"{_NO_FORMULA} and " + _CLEAN.format(r'\x01-\x1f",'),
        "r.id || ',' || r.username || ',' || r.full_name || ',' || " + _flags("True", "False", "", ","),
        lambda moment: f",{moment},,\r\n",
    ),
    ExportFormat.JSON: _Form(
        _CLEAN.format(r'\x01-\x1f"\\'),
        "',' || chr(10) || '{\"pk\": ' || r.id || ', \"username\": \"' || r.username || '\", \"full_name\": \"'"
        " || r.full_name || '\", \"is_private\": ' || " + _flags("true", "false", "null", ', "is_verified": '),
        lambda moment: f', "on_list_since": "{moment}", "follows_since": "", "followed_since": ""}}',
    ),
    ExportFormat.XLSX: _Form(
        f"r.username <> '' and {_NO_FORMULA} and {_NO_EDGE} and " + _CLEAN.format(r"\x01-\x1f&<>\ufffe\uffff"),
        "'<row>' || case when r.id < 1000000000000000 then '<c><v>' || r.id || '</v></c>' else "
        + _cell("r.id") + " end || " + _cell("r.username")
        + " || case r.full_name when '' then '<c/>' else " + _cell("r.full_name") + " end || "
        + _flags('<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>', "<c/>"),
        lambda moment: (f'<c t="inlineStr"><is><t>{moment}</t></is></c>' if moment else "<c/>") + "<c/><c/></row>\n",
    ),
}  # fmt: skip


def line(format_: ExportFormat, moments: Mapping[int, str]) -> tuple[str, dict[str, Any]]:
    """The line of a person ``r`` in SQL, and its parameters; ``moments`` tells when each scan of the list ended."""
    form = _FORMS[format_]
    ends = [form.end(moments.get(seq, "")) for seq in range(1, max(moments, default=0) + 1)]
    end = "coalesce((%(ends)s::text[])[r.first_seq], %(no_end)s)"
    easy = f"r.id > 0 and {form.easy}"
    return f"case when {easy} then {form.start} || {end} else {_ODD} end", {"ends": ends, "no_end": form.end("")}


def mended(text: str, write: Callable[[Sequence[Any]], str]) -> str:
    """``text`` of lines with the marked rows written by ``write``."""
    plain, *odd = text.split(_MARK)
    for part in odd:
        row, _end, rest = part.partition("\n")
        plain += write(json.loads(row)) + rest
    return plain
