"""Every message that code and templates say: what a catalogue has to translate. Without gettext's own programs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

PLACES = ("igsite", "accounts", "scans", "monitoring", "automation")
# Which of its arguments are looked up; gettext joins singular and plural by NUL.
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
_TEXT = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_IN_TEMPLATES = re.compile(rf"\b(_|gettext|ngettext)\({_TEXT}(?:, {_TEXT})?")


def said() -> dict[str, str]:
    """Each message with a file that says it."""
    root = Path(settings.BASE_DIR)
    found: dict[str, str] = {}
    for place in PLACES:
        for path in sorted((root / place).rglob("*.py")):
            found.update(dict.fromkeys(_in_code(path), str(path.relative_to(root))))
    for path in sorted((root / "templates").rglob("*.*")):
        found.update(dict.fromkeys(_in_template(path), str(path.relative_to(root))))
    return found


def _in_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [one.value for one in node.args[: CALLS.get(name, 0)] if isinstance(one, ast.Constant)]
        if texts and all(isinstance(text, str) for text in texts):
            yield "\0".join(str(text) for text in texts)


def _in_template(path: Path) -> Iterator[str]:
    for _name, first, second in _IN_TEMPLATES.findall(templatize(path.read_text(encoding="utf-8"))):
        texts = [ast.literal_eval(text) for text in (first, second) if text]
        yield "\0".join(texts)
