"""Catalogues of translations: the committed .po as people edit it, and the .mo that Django reads, made from it.

In Python alone, since gettext's own programs are not on every machine.
"""

from __future__ import annotations

import ast
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MAGIC: Final = 0x950412DE
_KEYWORD: Final = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) (?=")')


class OddCatalogue(Exception):
    """A .po that cannot be read; the text names the line."""


@dataclass(frozen=True)
class Message:
    """One entry: what the code says and what is said instead, one form for each number the language tells apart."""

    said: str
    plural: str
    context: str
    translated: tuple[str, ...]
    is_fuzzy: bool

    @property
    def key(self) -> str:
        """As gettext looks it up: the context before EOT, the plural behind NUL."""
        whole = f"{self.said}\0{self.plural}" if self.plural else self.said
        return f"{self.context}\x04{whole}" if self.context else whole


def read(path: Path) -> list[Message]:
    """All entries of a .po in its order, the heading (an empty message) first. Raises :class:`OddCatalogue`."""
    blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())
    return [_message(block) for block in blocks if re.search(r"^msgid ", block, re.MULTILINE)]


def _message(block: str) -> Message:
    parts: dict[str, str] = {}
    flags = ""
    name = ""
    for line in block.splitlines():
        if line.startswith("#"):
            flags += line if line.startswith("#,") else ""
            continue
        keyword = _KEYWORD.match(line)
        name = keyword[1] if keyword else name
        text = line[keyword.end() :] if keyword else line
        try:
            parts[name] = parts.get(name, "") + str(ast.literal_eval(text))
        except (SyntaxError, ValueError) as error:
            raise OddCatalogue(f"not a line of a catalogue: {line}") from error
    forms = tuple(parts[key] for key in sorted(parts) if key.startswith("msgstr"))
    return Message(
        parts.get("msgid", ""), parts.get("msgid_plural", ""), parts.get("msgctxt", ""), forms, "fuzzy" in flags
    )


def compiled(messages: list[Message]) -> bytes:
    """The same as a .mo (GNU gettext's manual, "The Format of GNU MO Files"); what is not translated is left out."""
    pairs = sorted(
        (message.key.encode(), "\0".join(message.translated).encode())
        for message in messages
        if all(message.translated) and not message.is_fuzzy
    )
    beginning = 7 * 4
    texts_at = beginning + len(pairs) * 16
    tables: list[list[int]] = [[], []]
    body = b""
    for which in (0, 1):
        for pair in pairs:
            tables[which] += [len(pair[which]), texts_at + len(body)]
            body += pair[which] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), beginning, beginning + len(pairs) * 8, 0, 0)
    return head + struct.pack(f"<{len(pairs) * 4}I", *tables[0], *tables[1]) + body


def compiled_file(source: Path) -> Path:
    """Where the .mo of a .po lies."""
    return source.with_suffix(".mo")
